using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>What an <see cref="ImagePool"/> shows in the place of new images.</summary>
/// <param name="Shown">The images that the critic sees, as many as were new.</param>
/// <param name="Pool">The pool afterwards, or null where there is none.</param>
internal sealed record ImageDraw(Tensor Shown, Tensor? Pool);
