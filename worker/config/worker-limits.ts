import { availableParallelism } from "node:os";

/** Every bound of the worker in one place. Tests pass smaller ones. */
export interface WorkerLimits {
  /** Link: how often it is looked at, after which silence of ours a beat is sent, after which of the hub's it is dead. */
  readonly heartbeatCheckMs: number;
  readonly heartbeatIdleMs: number;
  readonly linkDeadMs: number;
  /** Frames taken together into one message. */
  readonly batchBytes: number;
  /** Frames that wait for the link: of one channel, of all together. */
  readonly maxQueuedBytesPerChannel: number;
  readonly maxQueuedBytes: number;

  /** Channels that are open or opening. */
  readonly maxChannels: number;
  readonly maxChannelsPerUser: number;
  /** Openings that wait for their turn, of one user and of all. */
  readonly maxQueuedOpenings: number;
  readonly maxQueuedOpeningsPerUser: number;
  readonly openingsPerMinutePerUser: number;
  /** Signatures at once: each keeps a thread of its own busy for 0.1 s. */
  readonly maxSignings: number;

  readonly maxTerminalsPerUser: number;
  readonly maxViewsPerTerminal: number;
}

const mebibyte = 1024 * 1024;

export const defaultWorkerLimits: WorkerLimits = {
  heartbeatCheckMs: 2_000,
  heartbeatIdleMs: 5_000,
  linkDeadMs: 10_000,
  batchBytes: 256 * 1024,
  maxQueuedBytesPerChannel: 32 * mebibyte,
  maxQueuedBytes: 128 * mebibyte,

  maxChannels: 256,
  maxChannelsPerUser: 64,
  maxQueuedOpenings: 64,
  maxQueuedOpeningsPerUser: 16,
  openingsPerMinutePerUser: 60,
  // One processor stays free for whoever types.
  maxSignings: Math.max(1, Math.min(2, availableParallelism() - 1)),

  maxTerminalsPerUser: 100,
  maxViewsPerTerminal: 64,
};
