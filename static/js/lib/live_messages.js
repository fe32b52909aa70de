/**
 * What cameras, viewers and the server say to each other, as types.
 *
 * Written by `python -m tests.message_types` from webapp/live/messages.py and
 * inference/protocol/messages.py, where each field is explained; not to be changed by hand.
 *
 * @typedef {object} LiveFace
 * @property {number} track
 * @property {[number, number, number, number]} box
 * @property {number} score
 * @property {[number, number][]} landmarks
 * @property {string|null} person
 * @property {string|null} name
 * @property {number|null} similarity
 * @property {boolean} is_sure
 * @property {string|null} emotion
 * @property {Record<string, number>|null} emotions
 * @property {number} quality
 * @property {boolean} is_seen
 *
 * @typedef {object} PortraitMask
 * @property {"ready"|"loading"|"missing"|"slow"} state
 * @property {number} width
 * @property {number} height
 * @property {string} runs
 *
 * @typedef {object} Timing
 * @property {number} queue_ms
 * @property {number} decode_ms
 * @property {number} detect_ms
 * @property {number} total_ms
 *
 * @typedef {object} AskedFrame
 * @property {number} frame
 * @property {number} captured_at
 *
 * @typedef {object} FrameHeader
 * @property {number} frame
 * @property {number} captured_at
 *
 * @typedef {object} ViewHeader
 * @property {"view"} type
 * @property {number} frame
 * @property {number} width
 * @property {number} height
 * @property {LiveFace[]} faces
 * @property {boolean} is_labelled
 * @property {number} age_ms
 *
 * @typedef {object} Hello
 * @property {"hello"} type
 * @property {number} credits
 * @property {number} max_frame_bytes
 * @property {number} frames_per_second
 *
 * @typedef {object} EngineState
 * @property {"engine"} type
 * @property {"away"|"starting"|"ready"} state
 * @property {string} device
 * @property {string[]} missing
 * @property {string} message
 *
 * @typedef {object} Following
 * @property {"following"} type
 * @property {string} person
 * @property {string} name
 *
 * @typedef {object} Result
 * @property {"result"} type
 * @property {number} frame
 * @property {number} captured_at
 * @property {number} width
 * @property {number} height
 * @property {LiveFace[]} faces
 * @property {Timing} timing
 * @property {number} dropped
 * @property {PortraitMask} [portrait]
 *
 * @typedef {object} Dropped
 * @property {"dropped"} type
 * @property {number} frame
 * @property {"newer"|"too_fast"|"engine_away"|"lost"} reason
 * @property {number} dropped
 *
 * @typedef {object} Problem
 * @property {"problem"} type
 * @property {"bad_frame"|"bad_message"|"too_large"|"too_fast"|"engine_slow"} code
 * @property {string} message
 * @property {number|null} frame
 *
 * @typedef {object} Capture
 * @property {"capture"} type
 * @property {string} moment
 * @property {AskedFrame[]} frames
 * @property {number[]} near
 * @property {string} kind
 * @property {string[]} people
 * @property {string} reason
 * @property {boolean} is_repeated
 *
 * @typedef {object} ClockAsked
 * @property {"clock"} type
 * @property {number} exchange
 *
 * @typedef {object} Company
 * @property {"company"} type
 * @property {number} others
 *
 * @typedef {object} OnAir
 * @property {"on_air"} type
 * @property {boolean} is_on_air
 * @property {string} [message]
 *
 * @typedef {object} Want
 * @property {"want"} type
 * @property {boolean} [names]
 * @property {boolean} [emotions]
 * @property {boolean} [portrait]
 *
 * @typedef {object} Follow
 * @property {"follow"} type
 * @property {string} person
 *
 * @typedef {object} Shutter
 * @property {"shutter"} type
 * @property {number} frame
 * @property {number} captured_at
 * @property {AskedFrame[]} [others]
 *
 * @typedef {object} Missed
 * @property {"missed"} type
 * @property {string} moment
 * @property {number[]} frames
 *
 * @typedef {object} Resume
 * @property {"resume"} type
 *
 * @typedef {object} Over
 * @property {"over"} type
 *
 * @typedef {object} ClockTold
 * @property {"clock"} type
 * @property {number} exchange
 * @property {number} received_at
 * @property {number} sent_at
 *
 * @typedef {object} Shown
 * @property {"shown"} type
 * @property {number} frame
 *
 * @typedef {Hello|EngineState|Following|Result|Dropped|Problem|Capture|ClockAsked|Company} ToCamera
 * @typedef {OnAir|Following} ToViewer
 * @typedef {Want|Follow|Shutter|Missed|Resume|Over|ClockTold} FromCamera
 * @typedef {Shown} FromViewer
 */

export {};
