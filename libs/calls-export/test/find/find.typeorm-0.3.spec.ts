/**
 * @jest-environment ../testing/time-zone-environment.cjs
 * @jest-environment-options {"timeZone": "Asia/Kolkata"}
 */
jest.mock('typeorm', () => jest.requireActual('typeorm-0.3'));

import { describeRandomHosts } from './random-hosts';

describeRandomHosts('A host with TypeORM 0.3', 330);
