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
import { ROUTE_OF } from './swallowed-route';

/** The methods of the controller that Nest has routes to. */
const HANDLERS = ['count', 'export'] as const;

/** Where an export is, and who is let in. */
export interface Mount {
  readonly path: string;
  readonly guards: readonly (Type<CanActivate> | CanActivate)[];
  /** The host's own, for the controller. */
  readonly decorators: readonly HostDecorator[];
}

/** The controller of one import of the module. */
export interface MountedExport {
  readonly controller: Type<CallsExportController>;
  readonly handlers: Handlers;
  /** By which its routes are known among the host's. */
  readonly mounted: symbol;
}

/**
 * The controller of one import of the module: a class of its own, since Nest and Swagger read the path, the guards and the
 * description from the class and its methods.
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
    Reflect.defineMetadata(ROUTE_OF, mounted, prototype[name]);
  }
  const controller = decorateController(MountedController, HANDLERS, decorators);
  // After the guards that the host's decorators may have brought.
  for (const name of HANDLERS) decorateHandler(prototype, name, UseGuards(ExportScopeGuard));
  return { mounted, controller, handlers: { export: prototype.export, count: prototype.count } };
}

/**
 * The class of `reports/calls` is `ReportsCallsController`. Swagger's operation ids and the counters of `@nestjs/throttler` follow from
 * its name, so that it must differ where the path does.
 */
function classNameOf(path: string): string {
  const words = path.split('/').filter((word) => word !== '');
  const name = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
  return `${name.replace(/[^\p{L}\p{N}]/gu, '_') || 'Root'}Controller`;
}

/** Gives a class a copy of a method that it inherits, to be decorated without changing it for other classes. */
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
