using TransferLearning.Internal;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Adversarial;

/// <summary>One step's images and what generators make of them, each computed once.</summary>
internal static class ImageSteps
{
    private static readonly object Joined = new();

    /// <summary>The images of all sources <c>[n, channels, height, width]</c>.</summary>
    public static Tensor SourceImages(this StepContext step) =>
        step.Sources is [var only]
            ? only.Inputs
            : step.Once(Joined, step.Batch, () => cat([.. step.Sources.Select(source => source.Inputs)]));

    /// <summary>What a generator makes of some images, with gradients where they are on.</summary>
    /// <exception cref="ArgumentException">It does not give images of the same shape.</exception>
    public static Tensor Translated(this StepContext step, IFeatureExtractor generator, Tensor images)
    {
        var made = step.Features(generator, images);
        return made.shape.SequenceEqual(images.shape)
            ? made
            : throw new ArgumentException(
                $"the generator must give images as those that it is given, {Shape.Text(images.shape)}; this one, a "
                    + $"{generator.GetType().Name}, gave {Shape.Text(made.shape)}: it cannot restore their sides.",
                nameof(generator)
            );
    }

    /// <summary>
    /// What a generator makes of some images, without a graph, as it was when this was first asked for in the step.
    /// </summary>
    public static Tensor Fakes(this StepContext step, IFeatureExtractor generator, Tensor images) =>
        step.Once(
            generator,
            images,
            () =>
            {
                using var quiet = no_grad();
                return step.Translated(generator, images).detach();
            }
        );

    /// <summary>The mean absolute difference of images, <c>mean |x - y|</c> over all pixels.</summary>
    public static Tensor Distance(Tensor images, Tensor others) => (images - others).abs().mean();
}
