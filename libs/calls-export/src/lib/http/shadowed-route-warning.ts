import { Logger, type OnApplicationBootstrap, type Type } from '@nestjs/common';
import type { HttpAdapterHost, ModulesContainer } from '@nestjs/core';

/** Metadata key that identifies the routes of an import. Nest copies it to the platform's handlers. */
export const ROUTE_OWNER = 'calls-export:route-owner';

/** The part of an Express router layer used here. */
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
 * Warns at startup if a route of the host app shadows the export. Express uses the first route that
 * matches: `GET /calls/:id` handles `/calls/export` if it is registered first.
 */
export class ShadowedRouteWarning implements OnApplicationBootstrap {
  private static readonly logger = new Logger('CallsExport');

  /** @param mounted the value of the import's `ROUTE_OWNER` metadata. */
  constructor(
    private readonly mounted: unknown,
    private readonly host: HttpAdapterHost,
    private readonly modules: ModulesContainer,
  ) {}

  onApplicationBootstrap(): void {
    const { httpAdapter } = this.host;
    // Fastify always prefers the more specific route.
    if (httpAdapter?.getType() !== 'express') return;
    const stack: readonly Layer[] = httpAdapter.getInstance().router?.stack ?? [];
    // Reversed, so that the warning names GET, which comes after HEAD.
    for (const [index, { route }] of [...stack.entries()].toReversed()) {
      if (!route || ownerOf(route) !== this.mounted) continue;
      const other = stack.slice(0, index).find((layer) => this.shadows(layer, route))?.route;
      if (!other) continue;
      ShadowedRouteWarning.logger.warn(
        `${routeName(other)} is registered before ${routeName(route)} and handles its requests. ` +
          'Import CallsExportModule before the module of that route, restrict its parameter, or change the ' +
          'path of the export.',
      );
      return;
    }
  }

  private shadows(layer: Layer, ours: Route): boolean {
    const { route } = layer;
    return (
      route !== undefined &&
      ownerOf(route) === undefined &&
      Object.keys(ours.methods).some((method) => handles(route, method)) &&
      layer.match(samplePath(String(ours.path))) &&
      this.shareVersion(route, ours)
    );
  }

  /** With header versioning, a handler passes requests for other versions to the next route. */
  private shareVersion(one: Route, other: Route): boolean {
    const [left, right] = [this.versionsOf(one), this.versionsOf(other)];
    return !left || !right || left.some((version) => right.includes(version));
  }

  /** Returns undefined if the route has no versions. */
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

function ownerOf({ stack }: Route): unknown {
  const handle = stack[0]?.handle;
  return handle && Reflect.getMetadata(ROUTE_OWNER, handle);
}

function handles({ methods }: Route, method: string): boolean {
  // Express uses a GET route for HEAD requests.
  return Boolean(methods[method] || methods['_all'] || (method === 'head' && methods['get']));
}

/** Returns a path that matches the route. */
function samplePath(path: string): string {
  return path.replace(/[:*](?:"[^"]*"|[\w$]+)/g, 'x').replace(/[{}]/g, '');
}

function routeName({ path, methods, stack }: Route): string {
  const method = methods['_all'] ? 'ALL' : Object.keys(methods).join(', ').toUpperCase();
  const name = stack[0]?.handle.name ?? '';
  return `${method} ${String(path)}${name.includes('.') ? ` (${name})` : ''}`;
}
