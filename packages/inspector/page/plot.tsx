import type { VNode } from 'preact'
import type { BucketView } from '../src/view/view.js'
import { shortCount, topOf } from './scale.js'

/** One kind of thing that is counted. */
export interface Series {
  readonly name: string
  /** Names its colour. */
  readonly className: string
  readonly count: (bucket: BucketView) => number
}

interface Props {
  readonly title: string
  readonly series: readonly Series[]
  readonly buckets: readonly BucketView[]
  readonly bucketMs: number
  readonly now: number
}

const BARS = 120
const WIDTH = 600
const HEIGHT = 120
const BAR = WIDTH / BARS

/** Stacked bars over the last ten minutes, the newest on the right. */
export function Plot({ title, series, buckets, bucketMs, now }: Props): VNode {
  const end = now - (now % bucketMs)
  const start = end - (BARS - 1) * bucketMs
  const shown = buckets.filter(({ at }) => at >= start)
  const sums = shown.map((bucket) => sum(series.map(({ count }) => count(bucket))))
  const highest = Math.max(0, ...sums)
  const top = topOf(highest)
  const totals = series.map(({ name, count }) => ({ name, total: sum(shown.map(count)) }))
  const label = totals.map(({ name, total }) => `${total} ${name}`).join(', ')
  return (
    <figure class="plot">
      <figcaption>
        {title} <span class="unit">in {bucketMs / 1000} s</span>
      </figcaption>
      <ol class="scale quiet" aria-hidden="true">
        {[top, top / 2, 0].map((count) => (
          <li key={count}>{shortCount(count)}</li>
        ))}
      </ol>
      <svg
        class="bars"
        viewBox={`0 0 ${WIDTH} ${HEIGHT}`}
        role="img"
        aria-label={`${title}: ${label}`}
        preserveAspectRatio="none"
      >
        {[0, 0.5].map((part) => (
          <path key={part} class="grid" d={`M0 ${HEIGHT * part}h${WIDTH}`} />
        ))}
        {shown.map((bucket) => (
          <Bar
            key={bucket.at}
            bucket={bucket}
            series={series}
            x={((bucket.at - start) / bucketMs) * BAR}
            scale={HEIGHT / top}
          />
        ))}
      </svg>
      <p class="axis quiet">
        <span>10 minutes ago</span>
        <span>5 minutes ago</span>
        <span>now</span>
      </p>
      <ul class="legend">
        {series.map(({ name, className }, index) => (
          <li key={name}>
            <svg class="swatch" viewBox="0 0 10 10" aria-hidden="true" focusable="false">
              <rect class={`fill-${className}`} width="10" height="10" rx="2" />
            </svg>
            {name} {totals[index]?.total ?? 0}
          </li>
        ))}
      </ul>
    </figure>
  )
}

interface BarProps {
  readonly bucket: BucketView
  readonly series: readonly Series[]
  readonly x: number
  readonly scale: number
}

function Bar({ bucket, series, x, scale }: BarProps): VNode {
  let top = HEIGHT
  return (
    <g>
      {series.map(({ name, className, count }) => {
        const height = count(bucket) * scale
        top -= height
        return (
          <rect
            key={name}
            class={`fill-${className}`}
            x={x}
            y={top}
            width={BAR - 1}
            height={height}
          />
        )
      })}
    </g>
  )
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0)
}
