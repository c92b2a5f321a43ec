import type { Theme } from 'vitepress'
import { useRoute } from 'vitepress'
import DefaultTheme from 'vitepress/theme'
import { nextTick, onMounted, watch } from 'vue'
import { keepChosenTab, showChosenTab } from './chosen-tab.ts'
import { PlaygroundFrame } from './playground-frame.ts'
import './style.css'

const theme: Theme = {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('PlaygroundFrame', PlaygroundFrame)
  },
  setup() {
    const route = useRoute()
    onMounted(() => {
      keepChosenTab()
      showChosenTab()
    })
    watch(
      () => route.path,
      () => nextTick(showChosenTab),
    )
  },
}

export default theme
