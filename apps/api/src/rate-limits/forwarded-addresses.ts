import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * Middleware that leaves only addresses in X-Forwarded-For, as Express reads it. Some proxies, such as Azure's Application Gateway, add
 * the client's port, which would make each connection a client of its own, and a trusted proxy one that is not known.
 */
export function readForwardedAddresses(
  { headers }: IncomingMessage,
  _response: unknown,
  next: () => void,
): void {
  const given = headers['x-forwarded-for'];
  if (given !== undefined) {
    headers['x-forwarded-for'] = String(given).split(',').map(addressOf).join(', ');
  }
  next();
}

/** `203.0.113.7` of `203.0.113.7:51234`, `2001:db8::1` of `"[2001:db8::1]:443"`. What is no address stays as it is. */
function addressOf(entry: string): string {
  const text = entry.trim();
  const bare = /^"?(?:\[([^\]]*)\](?::\d+)?|([^"]*))"?$/.exec(text);
  const address = bare?.[1] ?? bare?.[2] ?? text;
  for (const candidate of [address, address.replace(/:\d+$/, '')]) {
    // The zone names an interface of the proxy's.
    const unzoned = candidate.replace(/%.*$/, '');
    if (isIP(unzoned) !== 0) return unzoned;
  }
  return text;
}
