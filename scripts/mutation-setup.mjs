// A mutant is noticed by the first input that shows it: nobody reads the smallest one.
import fc from 'fast-check'

fc.configureGlobal({ endOnFailure: true, seed: 20_261_120 })
