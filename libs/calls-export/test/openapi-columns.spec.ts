import type { DynamicModule } from '@nestjs/common';
import { DataSource, EntitySchema } from 'typeorm';
import { CallsExportModule } from '../src';
import { callSchema, documentOf, names, type Operation, operations } from './openapi-document';
import { closeHosts, HEADER_OPTIONS, startHost } from './small-host';

afterEach(closeHosts);

describe("The description of an export's columns", () => {
  it('has the columns of all views; only those that every view has are required', async () => {
    const { get } = await operations({
      columns: [
        'id',
        { key: 'call_sid', title: 'SID' },
        { key: 'seconds', property: 'duration', kind: 'decimal', description: 'How long' },
      ],
      views: { few: ['id', { key: 'is_long', property: 'duration', kind: 'boolean' }] },
    });
    const { required, properties } = callSchema(get);
    expect(required).toEqual(['id']);
    expect(properties).toEqual({
      id: expect.objectContaining({ type: 'integer', format: 'int64' }),
      call_sid: expect.objectContaining({ type: 'string' }),
      seconds: { type: 'number', nullable: true, description: 'How long', example: 0.0125 },
      is_long: { type: 'boolean', nullable: true, example: true },
    });
    const { content } = get.responses['200'] as { content: Record<string, { example: string }> };
    expect(content['text/csv']?.example.split('\r\n')[0]).toBe('"Call ID","SID","seconds"');
  });

  it.each([
    ['int', { type: 'integer', format: 'int32', minimum: 1 }, 'integer'],
    ['bigint', { type: 'integer', format: 'int64', minimum: 1 }, 'integer'],
    ['varchar', { type: 'string', maxLength: 255 }, 'string'],
  ] as const)('has the type of ids that are %s', async (type, schema, id) => {
    const columns = (more: object) => ({
      id: { type, primary: true },
      accountId: { type: 'int' },
      ...more,
    });
    const text = { type: 'varchar' };
    const Calls = new EntitySchema({
      name: `${type}Call`,
      columns: columns({
        ...{ callSid: text, customerPhoneNumber: text, status: text },
        ...{ duration: { type: 'int' }, assistantId: { type } },
        ...{ startedAt: { type: Date }, endedAt: { type: Date }, createdAt: { type: Date } },
      }) as never,
    });
    const Assistants = new EntitySchema({
      name: `${type}Assistant`,
      columns: columns({ name: text }) as never,
    });
    const dataSource = await new DataSource({
      type: 'mysql',
      database: 'calls',
      entities: [Calls, Assistants],
    } as never);
    // No server is needed to know the types of the columns.
    await (dataSource as unknown as { buildMetadatas(): Promise<void> }).buildMetadatas();
    const exporting = CallsExportModule.forRoot({
      ...HEADER_OPTIONS,
      calls: { entity: Calls },
      assistants: { entity: Assistants },
      dataSource: { token: 'DATA_SOURCE' },
      imports: [provided(dataSource)],
    });
    const { app } = await startHost([exporting]);
    const get = documentOf(app).paths['/calls/export']?.get as Operation;
    const parameter = get.parameters?.find(
      (each) => 'name' in each && each.name === 'assistant_id',
    );
    expect(parameter).toMatchObject({ schema });
    const after = get.parameters?.find((each) => 'name' in each && each.name === 'after');
    expect({ minimum: 1, ...(after as { schema: object }).schema }).toEqual({
      minimum: 1,
      ...schema,
    });
    expect(after).not.toHaveProperty('schema.minimum');
    expect(callSchema(get).properties['id']).toMatchObject({ type: id });
  });

  it.each([
    [['ongoing', 'completed', 'failed'], 'completed', ['completed', 'failed']],
    [['lost'], 'lost', ['lost', 'lost']],
  ])('has examples of only the statuses %j', async (only, filter, inFile) => {
    const { get } = await operations({ columns: ['status'], statuses: { only } });
    const parameter = get.parameters?.find((each) => 'name' in each && each.name === 'status');
    expect(parameter).toMatchObject({ examples: { given: { value: filter } } });
    const { content } = get.responses['200'] as { content: Record<string, { example: object[] }> };
    expect(content['application/json']?.example).toEqual(inFile.map((status) => ({ status })));
    expect(callSchema(get).properties['status']).toMatchObject({
      enum: only,
      example: inFile[0],
    });
  });

  it('has no example of another kind or of a masked value', async () => {
    const { get } = await operations({
      columns: [
        { key: 'started_at', kind: 'text', mask: String },
        { key: 'duration', kind: 'decimal', example: '12.5' },
        { key: 'customer_phone_number', mask: String },
        { key: 'status', description: 'The state', example: 'busy' },
      ],
    });
    const { properties } = callSchema(get);
    expect(
      Object.values(properties).map((schema) => (schema as { example: unknown }).example),
    ).toEqual(['text', 12.5, 'text', 'busy']);
    expect(properties['status']).toMatchObject({ description: 'The state' });
  });

  it('has no assistants if the host has none', async () => {
    const { get, head } = await operations({ assistants: false });
    for (const operation of [get, head]) expect(names(operation)).not.toContain('assistant_id');
    expect(Object.keys(callSchema(get).properties)).not.toContain('assistant_name');
  });
});

/** A module that provides a DataSource under a token. */
function provided(dataSource: DataSource): DynamicModule {
  class ProvidingModule {}
  const providers = [{ provide: 'DATA_SOURCE', useValue: dataSource }];
  return { module: ProvidingModule, providers, exports: ['DATA_SOURCE'] };
}
