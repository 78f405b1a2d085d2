import type { IncomingMessage, ServerResponse } from 'node:http';
import { isIPv4 } from 'node:net';
import { ForbiddenException } from '@nestjs/common';

const PORT = /:\d{1,5}$/;
const LOCALHOST = /^([a-z\d-]+\.)*localhost$/i;

/**
 * Middleware for a development server: returns 403 if the host of a request is not this machine.
 *
 * It prevents DNS rebinding: a web page can point its own host name at 127.0.0.1 after it has loaded. Its
 * requests are then same-origin, but still carry the page's host.
 */
export function allowLocalHosts(
  request: IncomingMessage,
  _: ServerResponse,
  next: (error?: unknown) => void,
): void {
  if (namesThisMachine(request)) return next();
  next(
    new ForbiddenException(
      'A server with the embedded database only accepts requests to localhost, 127.0.0.1 or [::1]: ' +
        'use one of these in the URL, or set DATABASE_URL',
    ),
  );
}

/** Whether every host in a request is this machine. */
export function namesThisMachine(request: IncomingMessage): boolean {
  const hosts = hostsOf(request);
  return hosts.length > 0 && hosts.every(isLocal);
}

/**
 * The hosts of a request: its only Host header, and that of an absolute request target (RFC 9112, section
 * 3.2.2).
 */
function hostsOf({ headersDistinct, url = '' }: IncomingMessage): string[] {
  const { host = [] } = headersDistinct;
  if (host.length !== 1) return [];
  if (url.startsWith('/') || url === '*') return host;
  // Without a host in the target, the empty string makes the request non-local.
  return [...host, /^https?:\/\/([^/?#]*)/i.exec(url)?.[1] ?? ''];
}

function isLocal(host: string): boolean {
  const name = host.replace(PORT, '');
  return LOCALHOST.test(name) || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'));
}
