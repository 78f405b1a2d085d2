import { type ExportDescription, operationsOf } from './calls-export.openapi';

/** The methods of a mounted controller, which Swagger reads the description from. */
export type Handlers = Readonly<Record<'export' | 'count', object>>;

type Metadata = ReadonlyMap<string, unknown>;

const swaggerKeys = /^swagger\//;

/** What the host's own decorators have left on a handler. */
const ofHosts = new WeakMap<object, Metadata>();

let swagger: typeof import('@nestjs/swagger') | undefined | 'missing';

/**
 * Describes the endpoint in the host's OpenAPI document, where the host has `@nestjs/swagger`. It may be done again, when more is
 * known. What the host's decorators say of the handlers goes before.
 */
export function describeHandlers(handlers: Handlers, description: ExportDescription): void {
  swagger ??= loadSwagger();
  if (swagger === 'missing') return;
  for (const name of ['export', 'count'] as const) {
    const handler = handlers[name];
    const hosts = ofHosts.get(handler) ?? swaggerMetadata(handler);
    ofHosts.set(handler, hosts);
    // Tags of an operation go before those of `ApiTags`, and without any Swagger makes one of the class's name.
    const tags = (hosts.get('swagger/apiUseTags') as string[] | undefined) ?? description.tags;
    const operations = operationsOf(swagger, { ...description, tags });
    // Swagger's decorators add to what there is.
    const blank = () => {};
    operations[name]({}, name, { value: blank });
    for (const key of swaggerMetadata(handler).keys()) Reflect.deleteMetadata(key, handler);
    for (const [key, value] of merged(swaggerMetadata(blank), hosts)) {
      Reflect.defineMetadata(key, value, handler);
    }
  }
}

function swaggerMetadata(handler: object): Metadata {
  const keys: string[] = Reflect.getOwnMetadataKeys(handler).filter((key) =>
    swaggerKeys.test(String(key)),
  );
  return new Map(keys.map((key) => [key, Reflect.getOwnMetadata(key, handler)]));
}

function merged(ours: Metadata, hosts: Metadata): Metadata {
  const all = new Map([...ours, ...hosts]);
  for (const [key, value] of hosts) {
    if (ours.has(key)) all.set(key, mergedValue(ours.get(key), value));
  }
  return all;
}

function mergedValue(ours: unknown, hosts: unknown): unknown {
  if (areParameters(ours) && areParameters(hosts)) {
    const isHosts = (ourParameter: Parameter) =>
      hosts.some(({ name, in: place }) => name === ourParameter.name && place === ourParameter.in);
    return [...ours.filter((parameter) => !isHosts(parameter)), ...hosts];
  }
  if (Array.isArray(hosts) || !isObject(ours) || !isObject(hosts)) return hosts;
  // `ApiOperation` has an empty summary where the host has given none.
  const given = Object.entries(hosts).filter(([, value]) => value !== '');
  return { ...ours, ...Object.fromEntries(given) };
}

interface Parameter {
  readonly name: string;
  readonly in: string;
}

function areParameters(value: unknown): value is Parameter[] {
  return Array.isArray(value) && value.every((item) => isObject(item) && 'in' in item);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

function loadSwagger(): typeof import('@nestjs/swagger') | 'missing' {
  try {
    // Not an import, which would fail in a host without it.
    return require('@nestjs/swagger');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return 'missing';
    throw error;
  }
}
