export {
  type ProxyAgentOptions,
  ProxyHttpAgent,
  ProxyHttpsAgent,
  type ProxyRequestOptions,
} from './agent.js'
export { type ProxyConnectOptions, proxyConnect } from './connect.js'
export {
  type Connector,
  type ConnectorCallback,
  type ConnectorOptions,
  type ConnectorTarget,
  proxyConnector,
} from './connector.js'
export { forwardTlvs, headerFor, LOCAL_HEADER } from './headers.js'
