/** Who reads for Express, or in CommonJS, reads so everywhere: what was chosen once is chosen in all tabs. */
const KEY = 'truehop-tab'

export function keepChosenTab(): void {
  document.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !target.matches('.vp-code-group input')) return
    const title = target.labels?.[0]?.dataset['title']
    if (title === undefined) return
    sessionStorage.setItem(KEY, title)
    chooseEverywhere(title)
  })
}

export function showChosenTab(): void {
  const title = sessionStorage.getItem(KEY)
  if (title !== null) chooseEverywhere(title)
}

/** Without a click, after which the theme would scroll to the tab. */
function chooseEverywhere(title: string): void {
  for (const group of document.querySelectorAll('.vp-code-group')) {
    const inputs = [...group.querySelectorAll('input')]
    const chosen = inputs.findIndex(({ labels }) => labels?.[0]?.dataset['title'] === title)
    const input = inputs[chosen]
    if (input === undefined) continue
    input.checked = true
    for (const [index, block] of [...(group.querySelector('.blocks')?.children ?? [])].entries()) {
      block.classList.toggle('active', index === chosen)
    }
  }
}
