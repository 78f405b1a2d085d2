import { type CanActivate, Controller, type Type, UseGuards } from '@nestjs/common';
import { CallsExportController } from './calls-export.controller';
import type { Handlers } from './describe-handlers';
import { ExportScopeGuard } from './export-scope.guard';
import {
  copyMetadata,
  decorateController,
  decorateHandler,
  type HostDecorator,
} from './host-decorators';
import { ROUTE_OWNER } from './shadowed-route-warning';

/** The methods of the controller that are routes. */
const HANDLERS = ['count', 'export'] as const;

/** Where to mount an export, and how to protect it. */
export interface Mount {
  readonly path: string;
  readonly guards: readonly (Type<CanActivate> | CanActivate)[];
  /** The host app's own decorators for the controller. */
  readonly decorators: readonly HostDecorator[];
}

/** The controller of one import of the module. */
export interface MountedExport {
  readonly controller: Type<CallsExportController>;
  readonly handlers: Handlers;
  /** Identifies the routes of this import among the host app's. */
  readonly mounted: symbol;
}

/**
 * Creates the controller of one import of the module. Each import needs its own class, because Nest and
 * Swagger read the path, the guards and the description from the class and its methods.
 */
export function mountController({ path, guards, decorators }: Mount): MountedExport {
  @Controller(path)
  @UseGuards(...guards)
  class MountedController extends CallsExportController {}
  Object.defineProperty(MountedController, 'name', { value: classNameOf(path) });

  const mounted = Symbol(path);
  const { prototype } = MountedController;
  for (const name of HANDLERS) {
    ownHandler(prototype, name);
    Reflect.defineMetadata(ROUTE_OWNER, mounted, prototype[name]);
  }
  const controller = decorateController(MountedController, HANDLERS, decorators);
  // This guard must run after those that the host app's decorators add.
  for (const name of HANDLERS) decorateHandler(prototype, name, UseGuards(ExportScopeGuard));
  return { mounted, controller, handlers: { export: prototype.export, count: prototype.count } };
}

/**
 * Derives the class name from the path, so that different paths have different names: `reports/calls` gives
 * `ReportsCallsController`. Swagger's operation ids and the counters of `@nestjs/throttler` depend on it.
 */
function classNameOf(path: string): string {
  const words = path.split('/').filter((word) => word !== '');
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return `${name.replace(/[^\p{L}\p{N}]/gu, '_') || 'Root'}Controller`;
}

/** Replaces an inherited method with an own copy, so that decorating it does not affect other classes. */
function ownHandler(prototype: object, name: string): void {
  const inherited: (...args: unknown[]) => unknown = Reflect.get(prototype, name);
  const own = {
    [name](this: object, ...args: unknown[]): unknown {
      return inherited.apply(this, args);
    },
  }[name] as (...args: unknown[]) => unknown;
  copyMetadata(inherited, own);
  const descriptor = { value: own, writable: true, configurable: true, enumerable: false };
  Object.defineProperty(prototype, name, descriptor);
}
