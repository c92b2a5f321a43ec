import type { ActionDone, ActionForm, ActionsView, RemoveShown } from '../src/view/actions.js'

export type AskedForm = ActionForm | RemoveShown

/** What operators may do here; undefined where the application named nothing. */
export async function actionsHere(): Promise<ActionsView | undefined> {
  const response = await fetch('actions')
  if (!response.ok) return undefined
  const actions: ActionsView = await response.json()
  return actions.limits.length + actions.lists.length > 0 ? actions : undefined
}

/**
 * Asks for an action. Behind one address there may be several instances, each with a token of its
 * own: a token that is not known is fetched anew, once.
 */
export async function askAction(form: AskedForm, token: string): Promise<ActionDone> {
  const first = await post(form, token)
  const again = first.status === 403 ? await actionsHere() : undefined
  const response =
    again === undefined || again.token === token ? first : await post(form, again.token)
  if (response.ok) return response.json()
  throw new Error(await problemIn(response))
}

function post(form: AskedForm, token: string): Promise<Response> {
  return fetch('actions', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...form, token }),
  })
}

async function problemIn(response: Response): Promise<string> {
  const { detail } = await response.json().catch(() => ({ detail: undefined }))
  return typeof detail === 'string' ? detail : `The server answered ${response.status}.`
}
