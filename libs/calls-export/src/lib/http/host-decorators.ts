import type { Type } from '@nestjs/common';

/** A decorator that the host app would put on a controller or its handlers. */
export type HostDecorator = ClassDecorator | MethodDecorator;

/** Metadata that Nest and Swagger collect from both a class and its methods, so that it would apply twice. */
const COLLECTED_FROM_BOTH = /^(?:__(?:guards|interceptors|pipes|exceptionFilters)__$|swagger\/)/;

/**
 * Applies decorators to each handler of a controller, last one first, as TypeScript does.
 * Copies their metadata to the class, for guards that read it only there.
 *
 * @returns the class, or the replacement that a class decorator returns.
 * @throws the error of a decorator that can be applied neither to a method nor to a class.
 */
export function decorateController<Controller>(
  controller: Type<Controller>,
  handlers: readonly (keyof Controller & string)[],
  decorators: readonly HostDecorator[],
): Type<Controller> {
  // Other options set the path and the guards.
  const protectedKeys = new Set<unknown>(Reflect.getOwnMetadataKeys(controller));
  let decorated = controller;
  for (const decorator of decorators.toReversed()) {
    try {
      for (const name of handlers) decorateHandler(controller.prototype, name, decorator);
    } catch (error) {
      decorated = decorateClass(decorated, decorator, error);
      continue;
    }
    for (const [key, value] of metadataForClass(controller, decorator)) {
      const isOnHandlers = handlers.every((name) =>
        Reflect.hasMetadata(key, controller.prototype[name] as object),
      );
      if (protectedKeys.has(key) || (COLLECTED_FROM_BOTH.test(String(key)) && isOnHandlers))
        continue;
      Reflect.defineMetadata(key, value, controller);
    }
  }
  return decorated;
}

/** Applies a decorator to an own method of a prototype. */
export function decorateHandler(prototype: object, name: string, decorator: HostDecorator): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
  const before: object = descriptor.value;
  const after = (decorator as MethodDecorator)(prototype, name, descriptor) ?? descriptor;
  if (after.value !== before) copyMetadata(before, after.value);
  Object.defineProperty(prototype, name, after);
}

/** Copies metadata that `to` lacks. A decorator that wraps a method may lose what Nest needs. */
export function copyMetadata(from: object, to: object): void {
  for (const key of Reflect.getMetadataKeys(from)) {
    if (!Reflect.hasMetadata(key, to)) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, from), to);
    }
  }
}

/** @param methodError the error of the decorator when it was applied to a method. */
function decorateClass<Class extends Type>(
  decorated: Class,
  decorator: HostDecorator,
  methodError: unknown,
): Class {
  try {
    return ((decorator as ClassDecorator)(decorated) as Class | undefined) ?? decorated;
  } catch {
    throw methodError;
  }
}

/**
 * Returns the metadata that a decorator sets on a class. Applies it to a subclass, so that the class
 * itself does not change.
 */
function metadataForClass(controller: Type, decorator: HostDecorator): [unknown, unknown][] {
  const Trial = class extends controller {};
  try {
    (decorator as ClassDecorator)(Trial);
  } catch {
    // A method decorator.
  }
  return Reflect.getOwnMetadataKeys(Trial).map((key) => [key, Reflect.getOwnMetadata(key, Trial)]);
}
