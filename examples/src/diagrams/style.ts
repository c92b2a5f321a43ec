/** Colours for light and for dark pages. The panel is filled, so the text is legible on any other. */
export const STYLE = `  <style>
    .panel { fill: #ffffff; stroke: #d0d7de }
    .box { fill: #f6f8fa; stroke: #8c959f }
    .trusted { stroke: #1a7f37; stroke-width: 2 }
    .found { stroke: #0969da; stroke-width: 2.5 }
    .text { fill: #1f2328 }
    .quiet { fill: #59636e }
    .mono { font-family: ui-monospace, 'SF Mono', Menlo, 'DejaVu Sans Mono', monospace; font-size: 13px }
    .way { stroke: #59636e; stroke-width: 1.5; fill: none }
    .way-tip { fill: #59636e }
    .walk { stroke: #0969da; stroke-width: 2; fill: none }
    .walk-tip, .step { fill: #0969da }
    .number { fill: #ffffff; font-weight: 600; font-size: 12px }
    @media (prefers-color-scheme: dark) {
      .panel { fill: #0d1117; stroke: #3d444d }
      .box { fill: #161b22; stroke: #656c76 }
      .trusted { stroke: #3fb950 }
      .found { stroke: #4493f8 }
      .text { fill: #f0f6fc }
      .quiet { fill: #9198a1 }
      .way { stroke: #9198a1 }
      .way-tip { fill: #9198a1 }
      .walk { stroke: #4493f8 }
      .walk-tip, .step { fill: #4493f8 }
      .number { fill: #0d1117 }
    }
  </style>`

/** The tips of arrows. */
export const DEFINITIONS = `  <defs>
    <marker id="way" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" orient="auto"><path class="way-tip" d="M0 0 8 4 0 8z"/></marker>
    <marker id="walk" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="6" markerHeight="6" orient="auto"><path class="walk-tip" d="M0 0 8 4 0 8z"/></marker>
  </defs>`
