import { akamai } from './data/akamai.js'
import { awsAlb } from './data/aws-alb.js'
import { awsApiGateway } from './data/aws-api-gateway.js'
import { awsCloudfront } from './data/aws-cloudfront.js'
import { awsLambda } from './data/aws-lambda.js'
import { awsNlb } from './data/aws-nlb.js'
import { azureAppService } from './data/azure-app-service.js'
import { azureApplicationGateway } from './data/azure-application-gateway.js'
import { azureFrontDoor } from './data/azure-front-door.js'
import { bunny } from './data/bunny.js'
import { caddy } from './data/caddy.js'
import { cloudflare } from './data/cloudflare.js'
import { cloudflareSpectrum } from './data/cloudflare-spectrum.js'
import { cloudflareTunnel } from './data/cloudflare-tunnel.js'
import { digitaloceanAppPlatform } from './data/digitalocean-app-platform.js'
import { digitaloceanLoadBalancer } from './data/digitalocean-load-balancer.js'
import { docker } from './data/docker.js'
import { envoyGateway } from './data/envoy-gateway.js'
import { fastly } from './data/fastly.js'
import { fly } from './data/fly.js'
import { gcpCloudRun } from './data/gcp-cloud-run.js'
import { gcpLoadBalancer } from './data/gcp-load-balancer.js'
import { haproxy } from './data/haproxy.js'
import { heroku } from './data/heroku.js'
import { hetznerLoadBalancer } from './data/hetzner-load-balancer.js'
import { iisnode } from './data/iisnode.js'
import { ingressNginx } from './data/ingress-nginx.js'
import { istioSidecar } from './data/istio-sidecar.js'
import { k3s } from './data/k3s.js'
import { kgateway } from './data/kgateway.js'
import { linkerd } from './data/linkerd.js'
import { linodeNodebalancer } from './data/linode-nodebalancer.js'
import { netlify } from './data/netlify.js'
import { nginx } from './data/nginx.js'
import { ngrok } from './data/ngrok.js'
import { passenger } from './data/passenger.js'
import { pm2 } from './data/pm2.js'
import { railway } from './data/railway.js'
import { render } from './data/render.js'
import { tailscale } from './data/tailscale.js'
import { traefik } from './data/traefik.js'
import { vercel } from './data/vercel.js'
import type { Platform } from './platform.js'

/** Every platform that a policy can name, by id. */
export const platforms: readonly Platform[] = Object.freeze([
  awsAlb,
  awsNlb,
  awsCloudfront,
  awsApiGateway,
  awsLambda,
  gcpLoadBalancer,
  gcpCloudRun,
  azureAppService,
  azureFrontDoor,
  azureApplicationGateway,
  heroku,
  render,
  railway,
  fly,
  vercel,
  netlify,
  digitaloceanAppPlatform,
  cloudflare,
  cloudflareTunnel,
  cloudflareSpectrum,
  fastly,
  akamai,
  bunny,
  traefik,
  caddy,
  nginx,
  haproxy,
  ingressNginx,
  kgateway,
  envoyGateway,
  istioSidecar,
  linkerd,
  docker,
  k3s,
  tailscale,
  ngrok,
  iisnode,
  pm2,
  passenger,
  linodeNodebalancer,
  hetznerLoadBalancer,
  digitaloceanLoadBalancer,
])

export function platformOf(id: string): Platform | undefined {
  return platforms.find((platform) => platform.id === id)
}
