import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';

/**
 * Middleware that strips ports from X-Forwarded-For. Some proxies, such as Azure Application Gateway, add the
 * client's port. Express would then treat each connection as another client, and would not recognize trusted
 * proxies.
 */
export function normalizeForwardedFor(
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

/**
 * Returns the address of an entry: `203.0.113.7` of `203.0.113.7:51234`, `2001:db8::1` of
 * `"[2001:db8::1]:443"`. Other text is returned unchanged.
 */
function addressOf(entry: string): string {
  const text = entry.trim();
  const bare = /^"?(?:\[([^\]]*)\](?::\d+)?|([^"]*))"?$/.exec(text);
  const address = bare?.[1] ?? bare?.[2] ?? text;
  for (const candidate of [address, address.replace(/:\d+$/, '')]) {
    // A zone names a network interface of the proxy, so it does not identify the client.
    const unzoned = candidate.replace(/%.*$/, '');
    if (isIP(unzoned) !== 0) return unzoned;
  }
  return text;
}
