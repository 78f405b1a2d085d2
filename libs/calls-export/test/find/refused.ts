import type { CallsExportModuleOptions } from '../../src';
import type { FindHost } from './find-host';

/** Expects the module to fail on start with an error that names the entity and the property. */
export async function expectRefused(
  starting: Promise<FindHost>,
  entity: string,
  property: string,
  options?: CallsExportModuleOptions,
): Promise<void> {
  const error = await errorOf(starting.then((host) => host.startApps(options)));
  expect(error).toBeInstanceOf(Error);
  expect((error as Error).message).toMatch(/^CallsExportModule: /);
  expect((error as Error).message).toContain(entity);
  expect((error as Error).message).toContain(property);
}

/** Runs the checks, or expects the module to fail on start with an error that names the property. */
export async function unlessRefused(
  host: FindHost,
  property: string,
  checks: () => Promise<unknown>,
): Promise<void> {
  const error = await errorOf(host.startApps());
  if (error === undefined) await checks();
  else expect((error as Error).message).toMatch(new RegExp(`^CallsExportModule: .*${property}`));
}

async function errorOf(promise: Promise<unknown>): Promise<unknown> {
  try {
    await promise;
    return undefined;
  } catch (error) {
    return error;
  }
}
