/** Written by page/build.mjs: the text of each file of the page, by name. */
declare module '#page' {
  export const texts: Readonly<Record<string, string>>
}
