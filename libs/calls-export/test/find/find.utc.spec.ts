/**
 * @jest-environment ../testing/time-zone-environment.cjs
 * @jest-environment-options {"timeZone": "UTC"}
 */
import { describeRandomHosts } from './random-hosts';

describeRandomHosts('A host in UTC', 0);
