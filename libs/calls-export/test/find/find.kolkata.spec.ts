/**
 * @jest-environment ../testing/time-zone-environment.cjs
 * @jest-environment-options {"timeZone": "Asia/Kolkata"}
 */
import { describeRandomHosts } from './random-hosts';

describeRandomHosts('A host in Kolkata', 330);
