import { type ExportDescription, operationDecorators } from './calls-export.openapi';

/** The handlers of a mounted controller. Swagger reads their descriptions from these methods. */
export type Handlers = Readonly<Record<'export' | 'count', object>>;

type Metadata = ReadonlyMap<string, unknown>;

const swaggerKeys = /^swagger\//;

/** The Swagger metadata that the host app's own decorators have set on a handler. */
const hostMetadata = new WeakMap<object, Metadata>();

let swagger: typeof import('@nestjs/swagger') | undefined | 'missing';

/**
 * Describes the endpoint in the host app's OpenAPI document, if the app has `@nestjs/swagger` installed.
 * Can be called again once more is known. The host app's own decorators take precedence.
 */
export function describeHandlers(handlers: Handlers, description: ExportDescription): void {
  swagger ??= loadSwagger();
  if (swagger === 'missing') return;
  for (const name of ['export', 'count'] as const) {
    const handler = handlers[name];
    const hosts = hostMetadata.get(handler) ?? swaggerMetadata(handler);
    hostMetadata.set(handler, hosts);
    // An operation's tags override `ApiTags`, so the host app's are passed on. Without any, Swagger derives
    // a tag from the class name.
    const tags = (hosts.get('swagger/apiUseTags') as string[] | undefined) ?? description.tags;
    const operations = operationDecorators(swagger, { ...description, tags });
    // Swagger's decorators append to existing metadata, so they are applied to a blank function.
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
  // `ApiOperation` sets an empty summary if the host app has not given one.
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
    // An import would fail in a host app without @nestjs/swagger.
    return require('@nestjs/swagger');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'MODULE_NOT_FOUND') return 'missing';
    throw error;
  }
}
