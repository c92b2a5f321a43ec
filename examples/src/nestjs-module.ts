import { Controller, Get, Ip, Module, Req } from '@nestjs/common'
import type { ClientIdentity } from '@truehop/identity'

/** A request of either adapter. */
interface IdentifiedRequest {
  readonly clientIp: string
  readonly clientIdentity: ClientIdentity
}

/** What both Nest examples serve: who is asking, by every name that Nest has for it. */
@Controller()
export class WhoController {
  @Get()
  who(@Req() { clientIp, clientIdentity }: IdentifiedRequest, @Ip() ip: string): object {
    return { client: clientIp, ip, why: clientIdentity.reason }
  }
}

@Module({ controllers: [WhoController] })
export class WhoModule {}
