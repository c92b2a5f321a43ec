/** Openings of HTTP/2 connections in clear text, by what is in them. */
export const CASES: Readonly<Record<string, Buffer>>
