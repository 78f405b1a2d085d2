import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, type OpenAPIObject, SwaggerModule } from '@nestjs/swagger';
import { CallsExportModule, type CallsExportModuleOptions } from '../src';
import { HEADER_OPTIONS, memory, startHost } from './small-host';

export type Operation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Options = Parameters<typeof SwaggerModule.createDocument>[2];

export const documentOf = (app: INestApplication, options?: Options) =>
  SwaggerModule.createDocument(app, new DocumentBuilder().build(), options);

/** The paths of the document of a host with these imports. */
export async function describeWith(
  imports: readonly CallsExportModuleOptions[],
  configure?: (app: INestApplication) => void,
  options?: Options,
): Promise<OpenAPIObject['paths']> {
  const modules = imports.map((more) => CallsExportModule.forRoot({ ...HEADER_OPTIONS, ...more }));
  const { app } = await startHost([memory(), ...modules], { configure });
  return documentOf(app, options).paths;
}

/** The operations of GET and HEAD if there is only one import. */
export async function operations(
  options: CallsExportModuleOptions = {},
): Promise<{ get: Operation; head: Operation }> {
  const { get, head } = (await describeWith([options]))['/calls/export'] ?? {};
  return { get: get as Operation, head: head as Operation };
}

export const names = ({ parameters }: Operation) =>
  parameters?.map((parameter) => ('name' in parameter ? parameter.name : parameter));

interface CallSchema {
  readonly required: string[];
  readonly properties: Record<string, object>;
}
/** The schema of a call in the response. */
export const callSchema = ({ responses }: Operation) => {
  const { content } = responses['200'] as { content: Record<string, { schema: unknown }> };
  return (content['application/json']?.schema as { items: CallSchema }).items;
};
