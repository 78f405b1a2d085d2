/** Serves what tutorials show: `repository.find()` and `.stream()`, each as CSV and JSON. */
import { createServer } from 'node:http';
import { pipeline, Readable, Transform } from 'node:stream';
import { stringify } from 'csv-stringify';
import papaparse from 'papaparse';
import { DataSource, EntitySchema } from 'typeorm';

const Assistant = new EntitySchema({
  name: 'Assistant',
  tableName: 'assistants',
  columns: {
    id: { type: 'int', primary: true },
    accountId: { name: 'account_id', type: 'int' },
    name: { type: 'text' },
  },
});
const Call = new EntitySchema({
  name: 'Call',
  tableName: 'calls',
  columns: {
    id: { type: 'bigint', primary: true },
    accountId: { name: 'account_id', type: 'int' },
    callSid: { name: 'call_sid', type: 'varchar' },
    customerPhoneNumber: { name: 'customer_phone_number', type: 'varchar', nullable: true },
    status: { type: 'varchar' },
    duration: { type: 'int', nullable: true },
    startedAt: { name: 'started_at', type: 'timestamptz', nullable: true },
    endedAt: { name: 'ended_at', type: 'timestamptz', nullable: true },
  },
  relations: {
    assistant: { type: 'many-to-one', target: 'Assistant', joinColumn: { name: 'assistant_id' } },
  },
});

const { BENCH_DATABASE_URL: url, PORT } = process.env;
const dataSource = new DataSource({ type: 'postgres', url, entities: [Assistant, Call] });
await dataSource.initialize();
const calls = dataSource.getRepository(Call);

const seconds = (date) => date && date.toISOString().slice(0, 19);
const toRow = (call) => ({
  id: Number(call.id),
  call_sid: call.callSid,
  assistant_name: call.assistant?.name ?? null,
  customer_phone_number: call.customerPhoneNumber,
  status: call.status,
  duration: call.duration,
  started_at: seconds(call.startedAt),
  ended_at: seconds(call.endedAt),
});
const rawToRow = (raw) => ({
  id: Number(raw.call_id),
  call_sid: raw.call_call_sid,
  assistant_name: raw.assistant_name,
  customer_phone_number: raw.call_customer_phone_number,
  status: raw.call_status,
  duration: raw.call_duration,
  started_at: seconds(raw.call_started_at),
  ended_at: seconds(raw.call_ended_at),
});

const map = (work) =>
  new Transform({
    objectMode: true,
    transform: (row, _encoding, done) => done(null, work(row)),
  });

const ROUTES = {
  '/find.csv': async () => Readable.from([papaparse.unparse((await find()).map(toRow))]),
  '/find.json': async () => Readable.from([JSON.stringify((await find()).map(toRow))]),
  '/stream.csv': async () =>
    pipeline(await stream(), map(rawToRow), stringify({ header: true }), () => {}),
  '/stream.json': async () => {
    let before = '[';
    const toJson = map((raw) => {
      const text = before + JSON.stringify(rawToRow(raw));
      before = ',\n';
      return text;
    });
    toJson._flush = (done) => done(null, ']');
    return pipeline(await stream(), toJson, () => {});
  },
};

const find = () =>
  calls.find({ where: { accountId: 1 }, relations: { assistant: true }, order: { id: 'ASC' } });
const stream = () =>
  calls
    .createQueryBuilder('call')
    .leftJoinAndSelect('call.assistant', 'assistant')
    .where('call.accountId = 1')
    .orderBy('call.id')
    .stream();

createServer(async (request, response) => {
  pipeline(await ROUTES[request.url](), response, () => {});
}).listen(Number(PORT), '127.0.0.1');
