import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv4 } from 'node:net';
import { ForbiddenException } from '@nestjs/common';

const PORT = /:\d{1,5}$/;
const LOCALHOST = /^([a-z\d-]+\.)*localhost$/i;

/**
 * Middleware for a development server: answers 403 to a request that does not name this machine as its host.
 *
 * A web page can point its own name at 127.0.0.1 once it is loaded (DNS rebinding). Its requests are then of the same origin as
 * this server, but still name the page's host.
 */
export function allowLocalHosts(
  request: IncomingMessage,
  _: ServerResponse,
  next: (error?: unknown) => void,
): void {
  if (namesThisMachine(request)) return next();
  next(
    new ForbiddenException(
      'A server with the embedded database answers only to localhost, 127.0.0.1 or [::1]: use one of them in the URL, or set DATABASE_URL',
    ),
  );
}

/** Whether a request names this machine, and nothing else, as its host. */
export function namesThisMachine(request: IncomingMessage): boolean {
  const hosts = hostsOf(request);
  return hosts.length > 0 && hosts.every(isLocal);
}

/** The hosts that a request names: in its header, exactly once, and in a target that is a whole URL (RFC 9112, section 3.2.2). */
function hostsOf({ headersDistinct, url = '' }: IncomingMessage): string[] {
  const { host = [] } = headersDistinct;
  if (host.length !== 1) return [];
  if (url.startsWith('/') || url === '*') return host;
  // A target without a host gives an empty one, which is not local.
  return [...host, /^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? ''];
}

function isLocal(host: string): boolean {
  const name = host.replace(PORT, '');
  return LOCALHOST.test(name) || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'));
}
