using TransferLearning.Mapping;
using TransferLearning.Network;
using TransferLearning.Objectives;
using static TorchSharp.torch;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// DAH (Venkateswara et al. 2017): codes by the likelihood of the source's pairs, the target's entropy and the
    /// distance from signs, layers aligned by their multi-kernel mean discrepancy; then labels by the codes.
    /// </summary>
    /// <param name="extractor">The extractor below the codes; each link of a chain is aligned.</param>
    /// <param name="hash">Features to codes, a <c>HashLayer</c>.</param>
    /// <param name="classes">How many classes the labels have.</param>
    /// <param name="weight">
    /// The weight of the discrepancy over progress. Default 10; the authors' 5,000 is 250 in the units of this term,
    /// for rates of 1e-4 and less.
    /// </param>
    /// <param name="hashing">The terms of the codes. Default those of DAH.</param>
    public static AdaptationBuilder Dah(
        IFeatureExtractor extractor,
        IFeatureExtractor hash,
        int classes,
        Schedule? weight = null,
        IObjective? hashing = null
    ) =>
        Coded(
            extractor,
            hash,
            classes,
            net =>
                net.Minimize(hashing ?? new DeepHashing())
                    .Minimize(new LayerAlignment(new MultiKernelMaximumMeanDiscrepancy()), weight ?? 10)
        );

    /// <inheritdoc cref="Dah(IFeatureExtractor, IFeatureExtractor, int, Schedule?, IObjective?)"/>
    public static AdaptationBuilder Dah(
        nn.Module<Tensor, Tensor> extractor,
        nn.Module<Tensor, Tensor> hash,
        int classes,
        Schedule? weight = null,
        IObjective? hashing = null
    ) => Dah(extractor.AsPart(), hash.AsPart(), classes, weight, hashing);

    private static AdaptationBuilder Coded(
        IFeatureExtractor extractor,
        IFeatureExtractor hash,
        int classes,
        Action<Training.NetworkTraining> configure
    )
    {
        ArgumentNullException.ThrowIfNull(extractor);
        ArgumentNullException.ThrowIfNull(hash);
        ArgumentOutOfRangeException.ThrowIfLessThan(classes, 1);
        return new AdaptationBuilder()
            .Train(ExtractorChain.Of(extractor, hash), new SilentHead(classes), configure)
            .Learn(new CodeLikelihood());
    }
}
