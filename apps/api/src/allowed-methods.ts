import type { IncomingMessage, ServerResponse } from 'node:http';
import { MethodNotAllowedException } from '@nestjs/common';

/** The part of an Express request used here. The router's stack is not public API. */
interface ExpressRequest extends IncomingMessage {
  readonly method: string;
  readonly path: string;
  readonly app: { readonly router: { readonly stack: readonly Layer[] } };
}

interface Layer {
  /** Undefined for middleware. */
  readonly route?: { readonly methods: Readonly<Record<string, boolean>> };
  match(path: string): unknown;
}

/**
 * Middleware that handles methods without a route on a known path: returns 204 to OPTIONS and 405 to others,
 * both with `Allow`. Nest itself would return 404. Unknown paths are left to Nest.
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

/** Returns the methods of all routes that match the path of the request. */
function methodsOf({ app, path }: ExpressRequest): string[] {
  const layers = app.router.stack.filter((layer) => layer.route && matches(layer, path));
  const methods = new Set(layers.flatMap(({ route }) => Object.keys(route?.methods ?? {})));
  // Express serves HEAD with the route of GET.
  if (methods.has('get')) methods.add('head');
  return [...methods].map((method) => method.toUpperCase()).sort();
}

/** Whether a layer matches. False if the path can't be decoded: the router then returns 400. */
function matches(layer: Layer, path: string): boolean {
  try {
    return Boolean(layer.match(path));
  } catch {
    return false;
  }
}
