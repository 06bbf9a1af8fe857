// How does the phone say yes, no and look here, to somebody whose eyes are on the parcel?

/** @type {AudioContext | undefined} */
let sound;

/** @param {number[]} tones in Hz @param {number[]} shakes in ms */
function play(tones, shakes) {
  navigator.vibrate?.(shakes);
  try {
    sound ??= new AudioContext();
    const begin = sound.currentTime;
    tones.forEach((tone, index) => {
      const from = begin + index * 0.16;
      const voice = sound.createOscillator();
      const volume = sound.createGain();
      voice.frequency.value = tone;
      volume.gain.setValueAtTime(0.2, from);
      volume.gain.exponentialRampToValueAtTime(0.001, from + 0.15);
      voice.connect(volume).connect(sound.destination);
      voice.start(from);
      voice.stop(from + 0.16);
    });
  } catch {
    // No sound is no reason to stop.
  }
}

export const yes = () => play([880], [60]);
export const no = () => play([220, 165], [200, 80, 200]);
export const alarm = () => play([660, 880, 660, 880], [300, 120, 300]);
