/** The ways to export that are compared. */
import zlib from 'node:zlib';
import { curl, psql } from './programs.mjs';

export const LIMIT = '`\\copy`, times as stored';
export const STREAM = '`.stream()` and csv-stringify';
export const API = 'this API';

const COLUMNS =
  'c.id, c.call_sid, a.name AS assistant_name, c.customer_phone_number, c.status, c.duration';
const FROM =
  'FROM calls c LEFT JOIN assistants a ON a.id = c.assistant_id WHERE c.account_id = 1 ORDER BY c.id';

/**
 * @param servers `api` is this API; `find` and `stream` are what tutorials show, or undefined to leave them
 *   out.
 * @returns the ways, the limit first. `csv` and `json` each run one export and return its figures.
 */
export function ways({ databaseUrl, token, api, find, stream }) {
  const url = `${api.url}/api/v1/calls/export`;
  const authorization = `Authorization: Bearer ${token}`;
  const download = (query, ...args) => curl(`${url}?${query}`, '-H', authorization, ...args);
  const compressed = (encoding) => ({
    name: `${API}, ${encoding}`,
    server: api,
    csv: () => download('format=csv', '-H', `Accept-Encoding: ${encoding}`),
    json: () => download('format=json', '-H', `Accept-Encoding: ${encoding}`),
  });
  const all = [
    { name: LIMIT, ...copies(databaseUrl, 'c.started_at, c.ended_at') },
    { name: '`\\copy`, times formatted', ...copies(databaseUrl, FORMATTED_TIMES) },
    find && {
      name: '`find()` and papaparse',
      server: find,
      takesLong: true,
      csv: () => curl(`${find.url}/find.csv`),
      json: () => curl(`${find.url}/find.json`),
    },
    stream && {
      name: STREAM,
      server: stream,
      takesLong: true,
      slowClient: { url: `${stream.url}/stream.csv`, headers: {} },
      csv: () => curl(`${stream.url}/stream.csv`),
      json: () => curl(`${stream.url}/stream.json`),
    },
    {
      name: API,
      server: api,
      slowClient: { url, headers: { Authorization: `Bearer ${token}` } },
      download,
      csv: () => download('format=csv'),
      json: () => download('format=json'),
    },
    { name: `${API}, NDJSON`, server: api, json: () => download('format=ndjson') },
    { name: `${API}, XLSX`, server: api, csv: () => download('format=xlsx') },
    {
      name: `${API}, Berlin time`,
      server: api,
      csv: () => download('format=csv&timezone=Europe/Berlin'),
      json: () => download('format=json&timezone=Europe/Berlin'),
    },
    compressed('gzip'),
    // Node.js has it since 22.15.
    'createZstdCompress' in zlib && compressed('zstd'),
  ];
  return all.filter(Boolean);
}

/** The times, formatted as in the file. */
const FORMATTED_TIMES = ['started_at', 'ended_at'].map(
  (column) => `to_char(c.${column} AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS') AS ${column}`,
);

function copies(databaseUrl, times) {
  const select = `SELECT ${COLUMNS}, ${times} ${FROM}`;
  return {
    csv: () => psql(databaseUrl, `\\copy (${select}) TO /dev/null CSV HEADER`),
    json: () => psql(databaseUrl, `\\copy (SELECT row_to_json(r) FROM (${select}) r) TO /dev/null`),
  };
}
