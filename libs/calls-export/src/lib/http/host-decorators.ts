import type { Type } from '@nestjs/common';

/** A decorator that the host would write above a controller or above its handlers. */
export type HostDecorator = ClassDecorator | MethodDecorator;

/** What Nest and Swagger take from a class in addition to its methods, so that it would count twice. */
const COUNTS_TWICE = /^(?:__(?:guards|interceptors|pipes|exceptionFilters)__$|swagger\/)/;

/**
 * Applies decorators to the handlers of a controller, the last one first, as if they stood above each of them. What they leave as
 * metadata is found on the class as well, for guards that only look there.
 *
 * @returns the class, or what a decorator of classes puts in its place.
 * @throws what a decorator throws that fits neither a method nor a class.
 */
export function decorateController<Controller>(
  controller: Type<Controller>,
  handlers: readonly (keyof Controller & string)[],
  decorators: readonly HostDecorator[],
): Type<Controller> {
  // The path and the guards are given by other options.
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
      if (protectedKeys.has(key) || (COUNTS_TWICE.test(String(key)) && isOnHandlers)) continue;
      Reflect.defineMetadata(key, value, controller);
    }
  }
  return decorated;
}

/** Applies a decorator to a method that a class has itself. */
export function decorateHandler(prototype: object, name: string, decorator: HostDecorator): void {
  const descriptor = Object.getOwnPropertyDescriptor(prototype, name) as PropertyDescriptor;
  const before: object = descriptor.value;
  const after = (decorator as MethodDecorator)(prototype, name, descriptor) ?? descriptor;
  if (after.value !== before) copyMetadata(before, after.value);
  Object.defineProperty(prototype, name, after);
}

/** A decorator that wraps a method does not always keep what Nest knows of it. */
export function copyMetadata(from: object, to: object): void {
  for (const key of Reflect.getMetadataKeys(from)) {
    if (!Reflect.hasMetadata(key, to)) {
      Reflect.defineMetadata(key, Reflect.getMetadata(key, from), to);
    }
  }
}

/** @param notForMethods why the decorator can't be applied to methods. */
function decorateClass<Class extends Type>(
  decorated: Class,
  decorator: HostDecorator,
  notForMethods: unknown,
): Class {
  try {
    return ((decorator as ClassDecorator)(decorated) as Class | undefined) ?? decorated;
  } catch {
    throw notForMethods;
  }
}

/** What a decorator leaves on a class. It is tried on a subclass, since it may add to what the class and its methods have. */
function metadataForClass(controller: Type, decorator: HostDecorator): [unknown, unknown][] {
  const Trial = class extends controller {};
  try {
    (decorator as ClassDecorator)(Trial);
  } catch {
    // It is for methods only.
  }
  return Reflect.getOwnMetadataKeys(Trial).map((key) => [key, Reflect.getOwnMetadata(key, Trial)]);
}
