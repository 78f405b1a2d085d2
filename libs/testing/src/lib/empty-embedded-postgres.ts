import { Client } from 'pg';

declare global {
  /** Of libs/testing/jest-environment.cjs. */
  var lendEmbeddedPostgres: () => Promise<{ url: string; giveBack(): void }>;
}

/** What suites may leave: tables and types in any schema, roles, and settings of the database, of roles and of the session. */
const EMPTY = [
  `DO $$
   DECLARE name text;
   BEGIN
     FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^pg_' AND nspname <> 'information_schema' LOOP
       EXECUTE format('DROP SCHEMA %I CASCADE', name);
     END LOOP;
     FOR name IN SELECT rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname <> current_user LOOP
       EXECUTE format('DROP OWNED BY %I CASCADE', name);
       EXECUTE format('DROP ROLE %I', name);
     END LOOP;
   END $$`,
  'CREATE SCHEMA public AUTHORIZATION pg_database_owner',
  'GRANT USAGE ON SCHEMA public TO PUBLIC',
  'ALTER DATABASE postgres RESET ALL',
  'ALTER ROLE ALL RESET ALL',
  'DISCARD ALL',
];

/** The embedded database of this process of Jest, with nothing of the suites before. */
export async function emptyEmbeddedPostgres(): Promise<{ url: string; close(): Promise<void> }> {
  const { url, giveBack } = await lendEmbeddedPostgres();
  const client = new Client(url);
  await client.connect();
  try {
    for (const statement of EMPTY) await client.query(statement);
  } finally {
    await client.end();
  }
  return { url, close: async () => giveBack() };
}
