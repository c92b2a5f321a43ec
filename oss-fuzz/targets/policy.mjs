import { target } from '../target.mjs'

export const fuzz = target('policy')
