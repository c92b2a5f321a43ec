import type { Theme } from 'vitepress'
import { useRoute } from 'vitepress'
import DefaultTheme from 'vitepress/theme'
import { nextTick, onMounted, watch } from 'vue'
import { keepChosenTab, showChosenTab } from './chosen-tab.ts'
import './style.css'

const theme: Theme = {
  extends: DefaultTheme,
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
