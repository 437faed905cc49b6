using DigitAdaptation.Digits;

namespace DigitAdaptation.Experiments;

/// <summary>What a method is given for one training.</summary>
/// <param name="Task">The images.</param>
/// <param name="Seed">The seed of everything random.</param>
/// <param name="Epochs">How long networks are trained.</param>
/// <param name="Epoch">
/// To be told after every epoch, with the accuracy on the target's test images (0 to 1): for progress and for the
/// training curve, never for a choice.
/// </param>
public sealed record MethodRun(DigitTask Task, int Seed, int Epochs, Action<double> Epoch);
