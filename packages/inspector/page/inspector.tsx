import { render } from 'preact'
import './style.css'
import './decisions.css'
import { FleetPage } from './fleet-page.js'
import { Inspector } from './inspector-page.js'

const root = document.getElementById('app')
if (root !== null) {
  root.replaceChildren()
  // A page of several instances brings what they said.
  const fleet = document.getElementById('fleet')?.textContent
  render(fleet ? <FleetPage fleet={JSON.parse(fleet)} /> : <Inspector />, root)
}
