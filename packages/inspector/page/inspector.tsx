import { render } from 'preact'
import './style.css'
import './decisions.css'
import { Inspector } from './inspector-page.js'

const root = document.getElementById('app')
if (root !== null) {
  root.replaceChildren()
  render(<Inspector />, root)
}
