/** Styles are the bundler's to handle. */
declare module '*.css'
