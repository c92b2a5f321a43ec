/** Who reads for Express, or in CommonJS, reads so everywhere: what was chosen once is chosen in all tabs. */
const KEY = 'truehop-tab'

export function keepChosenTab(): void {
  document.addEventListener('change', ({ target }) => {
    if (!(target instanceof HTMLInputElement) || !target.matches('.vp-code-group input')) return
    const title = target.labels?.[0]?.dataset['title']
    if (title === undefined) return
    keep(title)
    chooseEverywhere(title)
  })
}

export function showChosenTab(): void {
  const title = kept()
  if (title !== null) chooseEverywhere(title)
}

/** For pages that are opened in another window of the browser, too. */
function keep(title: string): void {
  try {
    localStorage.setItem(KEY, title)
  } catch {
    // The reader lets no page store anything.
  }
}

function kept(): string | null {
  try {
    return localStorage.getItem(KEY)
  } catch {
    return null
  }
}

/** Without a click, after which the theme would scroll to the tab. */
function chooseEverywhere(title: string): void {
  for (const group of document.querySelectorAll('.vp-code-group')) {
    const inputs = [...group.querySelectorAll('input')]
    const likeness = inputs.map(({ labels }) => alike(labels?.[0]?.dataset['title'] ?? '', title))
    const chosen = likeness.indexOf(Math.max(1, ...likeness))
    const input = inputs[chosen]
    if (input === undefined) continue
    input.checked = true
    for (const [index, block] of [...(group.querySelector('.blocks')?.children ?? [])].entries()) {
      block.classList.toggle('active', index === chosen)
    }
  }
}

/**
 * How well a tab stands for the one that was chosen, 0 for not at all: 'Express, CommonJS' is that of a
 * page without frameworks that is called 'CommonJS', and that of Express where there is no CommonJS.
 */
function alike(title: string, chosen: string): number {
  if (title === chosen) return 3
  const [first = '', ...more] = title.split(', ')
  const [wanted = '', ...forms] = chosen.split(', ')
  if (first === wanted) return 2
  const parts = [first, ...more]
  return [wanted, ...forms].some((part) => parts.includes(part)) ? 1 : 0
}
