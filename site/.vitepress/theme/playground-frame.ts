import { useData, withBase } from 'vitepress'
import { defineComponent, h, onBeforeUnmount, onMounted, ref, watch } from 'vue'

/** What the fragment of a shared link begins with; any other is a heading of the page around. */
const SHARED = '#try='

/** Pixels, until the playground says how high it is. */
const FIRST_HEIGHT = 1800

/**
 * The playground within a page of the site. It stays a document of its own, whose security policy lets
 * nothing out; the page around gives it its height and its colours, and has its fragment as address.
 */
export const PlaygroundFrame = defineComponent(() => {
  const { isDark } = useData()
  const frame = ref<HTMLIFrameElement>()
  const height = ref(FIRST_HEIGHT)
  const address = withBase('/playground/app/index.html')
  let heights: ResizeObserver | undefined

  const shared = (): string => (location.hash.startsWith(SHARED) ? location.hash : '')

  function colour(): void {
    const top = frame.value?.contentDocument?.documentElement
    if (top !== undefined) top.dataset['theme'] = isDark.value ? 'dark' : 'light'
  }

  function onLoad(): void {
    const own = frame.value?.contentWindow
    if (own === undefined || own === null) return
    colour()
    const top = own.document.documentElement
    heights?.disconnect()
    heights = new ResizeObserver(() => {
      height.value = Math.ceil(top.getBoundingClientRect().height)
    })
    heights.observe(top)
    own.addEventListener('hashchange', () => {
      if (own.location.hash.startsWith(SHARED)) {
        history.replaceState(history.state, '', own.location.hash)
      }
    })
  }

  /** Another shared link, opened where one is shown already. */
  function follow(): void {
    const own = frame.value?.contentWindow
    const fragment = shared()
    if (own === undefined || own === null || fragment === '') return
    if (fragment === own.location.hash) return
    own.location.replace(address + fragment)
    own.location.reload()
  }

  onMounted(() => {
    addEventListener('hashchange', follow)
    frame.value?.setAttribute('src', address + shared())
  })
  onBeforeUnmount(() => {
    removeEventListener('hashchange', follow)
    heights?.disconnect()
  })
  watch(isDark, colour)

  return () =>
    h('iframe', {
      ref: frame,
      class: 'playground',
      title: 'Playground',
      style: { height: `${height.value}px` },
      onLoad,
    })
})
