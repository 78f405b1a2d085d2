import { Logger, type OnApplicationBootstrap, type Type } from '@nestjs/common';
import type { HttpAdapterHost, ModulesContainer } from '@nestjs/core';

/** The key of the metadata by which the routes of an import are known. Nest copies it to the handlers of the platform. */
export const ROUTE_OF = 'calls-export:route-of';

/** What is used here of a layer of Express's router. */
interface Layer {
  readonly route?: {
    readonly path: unknown;
    readonly methods: Readonly<Record<string, boolean>>;
    readonly stack: readonly { readonly handle: object & { readonly name?: string } }[];
  };
  match(path: string): boolean;
}

type Route = NonNullable<Layer['route']>;

/**
 * Warns at the start if a route of the host's takes the requests of the export. Express asks routes in their order, so that
 * `GET /calls/:id` gets `/calls/export` if it stands before.
 */
export class SwallowedRoute implements OnApplicationBootstrap {
  private static readonly logger = new Logger('CallsExport');

  /** @param mounted the import, as its handlers name it by `ROUTE_OF`. */
  constructor(
    private readonly mounted: unknown,
    private readonly host: HttpAdapterHost,
    private readonly modules: ModulesContainer,
  ) {}

  onApplicationBootstrap(): void {
    const { httpAdapter } = this.host;
    // Fastify prefers the more specific route.
    if (httpAdapter?.getType() !== 'express') return;
    const stack: readonly Layer[] = httpAdapter.getInstance().router?.stack ?? [];
    // The route of GET stands behind that of HEAD.
    for (const [index, { route }] of [...stack.entries()].toReversed()) {
      if (!route || mountOf(route) !== this.mounted) continue;
      const other = stack.slice(0, index).find((layer) => this.swallows(layer, route))?.route;
      if (!other) continue;
      SwallowedRoute.logger.warn(
        `${inWords(other)} is registered before ${inWords(route)} and takes its requests. Import CallsExportModule before the ` +
          'module of that route, make its parameter match less, or give the export another path.',
      );
      return;
    }
  }

  private swallows(layer: Layer, ours: Route): boolean {
    const { route } = layer;
    return (
      route !== undefined &&
      mountOf(route) === undefined &&
      Object.keys(ours.methods).some((method) => handles(route, method)) &&
      layer.match(sampleOf(String(ours.path))) &&
      this.shareVersion(route, ours)
    );
  }

  /** With versions in a header, a handler leaves what is not its own to the next one. */
  private shareVersion(one: Route, other: Route): boolean {
    const [left, right] = [this.versionsOf(one), this.versionsOf(other)];
    return !left || !right || left.some((version) => right.includes(version));
  }

  /** Undefined if it has none of its own. */
  private versionsOf({ stack }: Route): unknown[] | undefined {
    const handle = stack[0]?.handle;
    if (!handle) return undefined;
    const [className] = (handle.name ?? '').split('.');
    const controllers = [...this.modules.values()].flatMap((module) => [
      ...module.controllers.values(),
    ]);
    const controller = controllers.find(({ name }) => name === className)?.metatype as
      Type | undefined;
    const version: unknown =
      Reflect.getMetadata('__version__', handle) ??
      (controller && Reflect.getMetadata('__version__', controller));
    // Nest's VERSION_NEUTRAL is a symbol.
    const versions = [version].flat().filter((item) => typeof item === 'string');
    return versions.length > 0 ? versions : undefined;
  }
}

function mountOf({ stack }: Route): unknown {
  const handle = stack[0]?.handle;
  return handle && Reflect.getMetadata(ROUTE_OF, handle);
}

function handles({ methods }: Route, method: string): boolean {
  // Express answers HEAD by GET where there is no HEAD.
  return Boolean(methods[method] || methods['_all'] || (method === 'head' && methods['get']));
}

/** A path that a route matches. */
function sampleOf(path: string): string {
  return path.replace(/[:*](?:"[^"]*"|[\w$]+)/g, 'x').replace(/[{}]/g, '');
}

function inWords({ path, methods, stack }: Route): string {
  const method = methods['_all'] ? 'ALL' : Object.keys(methods).join(', ').toUpperCase();
  const name = stack[0]?.handle.name ?? '';
  return `${method} ${String(path)}${name.includes('.') ? ` (${name})` : ''}`;
}
