/**
 * @jest-environment ../testing/time-zone-environment.cjs
 * @jest-environment-options {"timeZone": "America/New_York"}
 */
import { describeRandomHosts } from './random-hosts';

describeRandomHosts('A host in New York', -300);
