using TransferLearning.Data;
using TransferLearning.Internal;
using static TorchSharp.torch;

namespace TransferLearning.Selection;

/// <summary>Two fitted classifiers as one that gives the mean of their probabilities.</summary>
internal static class ModelMixture
{
    /// <summary>Mixes two models of the same fit's domains.</summary>
    /// <param name="plain">The first; the mixture disposes it.</param>
    /// <param name="adapted">The second; the mixture disposes it.</param>
    /// <param name="domains">The domains.</param>
    /// <exception cref="InvalidOperationException">One of them says "unknown" and the other cannot.</exception>
    public static AdaptedModel Of(AdaptedModel plain, AdaptedModel adapted, DomainSet domains)
    {
        using var scope = NewDisposeScope();
        using var quiet = no_grad();
        var row = BatchedPass.Read(domains.Target.Rows, 0, 1);
        var (first, second) = (plain.Features(row), adapted.Features(row));
        using var ofPlain = plain.Predict(row);
        using var ofAdapted = adapted.Predict(row);
        if (ofPlain.shape[1] != ofAdapted.shape[1])
        {
            throw new InvalidOperationException(
                $"the plain model predicts {ofPlain.shape[1]} classes and the adapted one {ofAdapted.shape[1]}, so "
                    + "that they cannot be mixed: fall back to the plain model (GuardFallback.Plain)."
            );
        }
        return new AdaptedModel(
            new MixedFeatures(plain.Extractor, adapted.Extractor),
            new MixedPredictor(plain.Predictor, adapted.Predictor, first, second),
            [plain, adapted]
        )
        {
            FittedOn = plain.FittedOn,
            Facts = plain.Facts,
        };
    }
}
