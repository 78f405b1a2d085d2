import type { IncomingMessage, ServerResponse } from 'node:http';
import { MethodNotAllowedException } from '@nestjs/common';

/** What is used here of a request of Express's. Its router's stack is not public. */
interface ExpressRequest extends IncomingMessage {
  readonly method: string;
  readonly path: string;
  readonly app: { readonly router: { readonly stack: readonly Layer[] } };
}

interface Layer {
  /** None for middleware. */
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): unknown;
}

/**
 * Middleware that answers a method that the path does not have: 405 with the header `Allow`, and OPTIONS 204 with it. Nest's own
 * answer is 404. A path without any route is left to Nest.
 */
export function allowMethodsOfPath(
  request: ExpressRequest,
  response: ServerResponse,
  next: (error?: unknown) => void,
): void {
  const { method } = request;
  const allowed = methodsOf(request);
  if (allowed.length === 0 || allowed.includes(method) || allowed.includes('_ALL')) return next();
  response.setHeader('Allow', allowed.join(', '));
  if (method === 'OPTIONS') {
    response.writeHead(204).end();
    return;
  }
  next(
    new MethodNotAllowedException(
      `${method} is not allowed on this path: use ${allowed.join(' or ')}`,
    ),
  );
}

/** The methods of all routes that match the path of a request. */
function methodsOf({ app, path }: ExpressRequest): string[] {
  const layers = app.router.stack.filter((layer) => layer.route && matches(layer, path));
  const methods = new Set(layers.flatMap(({ route }) => Object.keys(route?.methods ?? {})));
  // Express answers HEAD by the route of GET.
  if (methods.has('get')) methods.add('head');
  return [...methods].map((method) => method.toUpperCase()).sort();
}

/** False if the path can't be decoded, which the router answers itself. */
function matches(layer: Layer, path: string): boolean {
  try {
    return Boolean(layer.match(path));
  } catch {
    return false;
  }
}
