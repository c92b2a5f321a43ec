import { render } from 'preact'
import './style.css'
import './decisions.css'
import { Playground } from './playground-page.js'

const root = document.getElementById('app')
if (root !== null) {
  root.replaceChildren()
  render(<Playground />, root)
}
