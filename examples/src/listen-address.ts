/** Where the examples listen: `PORT`, 3000 by default, on `HOST`, loopback by default. */
export const listenAddress = {
  host: process.env['HOST'] ?? '127.0.0.1',
  port: Number(process.env['PORT'] ?? 3000),
}
