import { type CanActivate, Controller, type Type, UseGuards } from '@nestjs/common';
import { CallsExportController } from './calls-export.controller';
import { CallsExportGuard } from './calls-export.guard';
import { describeExport } from './calls-export.openapi';
import { ExportScopeGuard } from './export-scope.guard';

/** Where an export is, and who is let in. */
export interface Mount {
  readonly path: string;
  readonly guards: readonly (Type<CanActivate> | CanActivate)[];
  /** What calls of this import may have as their status. */
  readonly statuses: readonly string[];
}

/**
 * The controller of one import of the module: a class of its own, since Nest and Swagger read the path, the guards and the
 * description from the class and its methods.
 */
export function mountController({ path, guards, statuses }: Mount): Type<CallsExportController> {
  @Controller(path)
  @UseGuards(...guards, ExportScopeGuard)
  class MountedController extends CallsExportController {}

  const describe = describeExport(statuses, guards.includes(CallsExportGuard));
  for (const name of ['count', 'export'] as const) {
    decorateOwn(MountedController.prototype, name, describe[name]);
  }
  return MountedController;
}

/** Decorates a method that a class inherits, without changing it for other classes: a copy of it. */
function decorateOwn(prototype: object, name: string, decorate: MethodDecorator): void {
  const inherited: (...args: unknown[]) => unknown = Reflect.get(prototype, name);
  const own = {
    [name](this: object, ...args: unknown[]): unknown {
      return inherited.apply(this, args);
    },
  }[name] as (...args: unknown[]) => unknown;
  for (const key of Reflect.getMetadataKeys(inherited)) {
    Reflect.defineMetadata(key, Reflect.getMetadata(key, inherited), own);
  }
  const descriptor = { value: own, writable: true, configurable: true, enumerable: false };
  Object.defineProperty(prototype, name, descriptor);
  decorate(prototype, name, descriptor);
}
