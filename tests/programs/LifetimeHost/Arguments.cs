using System.Reflection;
using TransferLearning.Consistency;
using TransferLearning.Evaluation;
using TransferLearning.Network;
using TransferLearning.Settings;
using TransferLearning.Training;
using static TorchSharp.torch;

namespace TransferLearning.Tests.LifetimeHost;

/// <summary>
/// What methods are called with: tensors by the names of their arguments, numbers, and what Makers makes.
/// </summary>
internal static class Arguments
{
    private const long Rows = 32;

    private static readonly Dictionary<string, Func<Setting, Tensor>> ByName = new(StringComparer.Ordinal)
    {
        ["labels"] = _ => Classes(),
        ["sourceLabels"] = _ => Classes(),
        ["targetLabels"] = _ => Classes(),
        ["expected"] = _ => Classes(),
        ["predicted"] = _ => Classes(),
        ["classes"] = _ => Classes(),
        ["weights"] = set => Ones(set),
        ["sourceWeights"] = set => Ones(set),
        ["targetWeights"] = set => Ones(set),
        ["probabilities"] = set => Wave(set, 2, 0.1).softmax(1),
        ["sourcePriors"] = set => full(2, 0.5, set.Type),
        ["sourceProbabilities"] = set => Wave(set, 2, 0.6).softmax(1),
        ["targetProbabilities"] = set => Wave(set, 2, 0.8).softmax(1),
        ["scores"] = set => Wave(set, 2, 0.1),
        ["student"] = set => Wave(set, 2, 0.4),
        ["teacher"] = set => Wave(set, 2, 0.3),
        ["weak"] = set => Wave(set, 2, 0.5),
        ["strong"] = set => Wave(set, 2, 0.7),
        ["directions"] = set => Wave(set, Setting.Width, 0.7).t(),
        ["target"] = set => Wave(set, Setting.Width, 0.9),
        ["NeighborPropagation.rows"] = _ => arange(Rows, dtype: int64),
        ["NeighborPropagation.memoryClasses"] = set => Wave(set, 2, 0.4).softmax(1),
        // Values of one feature, and logits.
        ["FeaturewiseWasserstein/4.source"] = set => Wave(set, 1, 0.3).squeeze(1),
        ["FeaturewiseWasserstein/4.target"] = set => Wave(set, 1, 0.5).squeeze(1),
        ["DomainAdversary.source"] = set => Wave(set, 1, 0.3).squeeze(1),
        ["DomainAdversary.target"] = set => Wave(set, 1, 0.5).squeeze(1),
        ["DomainDisguise.source"] = set => Wave(set, 1, 0.3).squeeze(1),
        ["DomainDisguise.target"] = set => Wave(set, 1, 0.5).squeeze(1),
        ["DynamicAdversary.source"] = set => Wave(set, 1, 0.3).squeeze(1),
        ["DynamicAdversary.target"] = set => Wave(set, 1, 0.5).squeeze(1),
        ["DynamicAdversary.errors"] = set => Wave(set, 1, 0.3).abs().squeeze(1).narrow(0, 0, 3),
        ["MultipleSourceAdversary.errors"] = set => Wave(set, 1, 0.3).abs().squeeze(1).narrow(0, 0, 3),
        ["MultipleSourceAdversary.losses"] = set => Wave(set, 1, 0.5).abs().squeeze(1).narrow(0, 0, 3),
        ["CategoryConfusion.scores"] = set => Wave(set, 4, 0.1),
        ["BoundaryRefinement.teacher"] = set => Wave(set, 2, 0.3),
        ["RandomizedMultilinearMap.ofFeatures"] = set => Wave(set, 8, 0.7).narrow(0, 0, Setting.Width),
        ["RandomizedMultilinearMap.ofClasses"] = set => Wave(set, 8, 0.8).narrow(0, 0, 2),
        ["ClassSoftLabels.softLabels"] = set => Wave(set, 2, 0.8).softmax(1),
        ["SoftMatch.averages"] = set => Wave(set, 1, 0.3).abs().squeeze(1).narrow(0, 0, 2 + Setting.Width) + 0.1,
        ["DebiasedPseudoLabels.average"] = set => Wave(set, 2, 0.3).softmax(1)[0],
        ["AdaMatch.source"] = set => Wave(set, 2, 0.6),
        ["PseudoGroupContrast.memory"] = set => Wave(set, Setting.Width, 0.3).reshape(2, -1, Setting.Width),
        ["PseudoGroupContrast.places"] = _ => zeros(2, int64),
        ["counts"] = set => full(2, Rows / 2, set.Type),
        ["mask"] = set => Ones(set),
        ["alike"] = set => eye(Rows, dtype: set.Type),
        ["AdaptiveClustering.further"] = set => Wave(set, 2, 0.7),
        ["CoMatch.memoryClasses"] = set => Wave(set, 2, 0.4).softmax(1),
        ["SimMatch.similarities"] = set => Wave(set, Rows, 0.4).softmax(1),
        ["FreeMatch.averages"] = set => Wave(set, 1, 0.3).abs().squeeze(1).narrow(0, 0, 5) + 0.1,
        ["CycleSelfTraining.source"] = set => Wave(set, Setting.Width, 0.2),
        ["CycleSelfTraining.target"] = set => Wave(set, Setting.Width, 0.9),
        ["shares"] = set => full(2, 0.5, set.Type),
        ["otherShares"] = set => full(2, 0.5, set.Type),
        ["average"] = set => full(2, 0.5, set.Type),
        ["similarities"] = set => full([2, 2], 0.5, set.Type),
        ["images"] = Images,
        ["partners"] = Images,
        ["LearnedImageView.inputs"] = Images,
        ["LearnedViewConsistency.seen"] = set => Wave(set, 2, 0.6),
        ["ResidualGenerator.input"] = Images,
        ["PatchCritic.input"] = Images,
        ["heatmaps"] = set => Wave(set, 18, 0.2).reshape(Rows, 2, 3, 3),
        ["adversarial"] = set => Wave(set, 18, 0.9).reshape(Rows, 2, 3, 3),
        ["keypoints"] = set => Wave(set, 4, 0.2).sigmoid(),
        ["lengths"] = set => Ones(set),
        ["KeypointAccuracy.predicted"] = set => Wave(set, 4, 0.5).sigmoid(),
        ["strengths"] = set => Wave(set, 1, 0.3).squeeze(1),
        ["degrees"] = set => Wave(set, 1, 0.3).squeeze(1),
        ["slopes"] = set => Wave(set, 1, 0.3).squeeze(1),
        ["pixels"] = set => Wave(set, 1, 0.3).squeeze(1),
        ["factors"] = set => Wave(set, 1, 0.3).abs().squeeze(1),
        ["thresholds"] = set => Wave(set, 1, 0.3).abs().squeeze(1),
        ["bits"] = set => full(Rows, 3, set.Type),
        ["deviations"] = set => Ones(set),
        ["corners"] = set =>
            Wave(set, 8, 0.2).reshape(Rows, 4, 2)
            + tensor(
                new double[,]
                {
                    { 0, 0 },
                    { 7, 0 },
                    { 7, 7 },
                    { 0, 7 },
                }
            ),
        ["RandomCrop.down"] = _ => Classes(),
        ["RandomCrop.right"] = _ => Classes(),
        ["centerRows"] = _ => Classes().unsqueeze(1),
        ["centerColumns"] = _ => Classes().unsqueeze(1),
        ["TemporalEnsembling.ensemble"] = set => Wave(set, 2, 0.3).softmax(1) * 0.4,
        ["TemporalEnsembling.counts"] = _ => ones(Rows, int64),
        ["SemanticTransfer.labels"] = set => Wave(set, 2, 0.3).softmax(1),
        ["SemanticTransfer.centers"] = set => Wave(set, Setting.Width, 0.6).narrow(0, 0, 2),
        ["FlexMatch.last"] = _ => Classes() - 1,
        ["PseudoLabels.teacher"] = set => Wave(set, 2, 0.4),
        ["DeepEmbeddedValidation.errors"] = set => Ones(set),
        ["WeightedRisk.errors"] = set => Ones(set),
        ["ClusterAgreement.others"] = _ => Classes(),
        ["SwappedAssignment.codes"] = set => Wave(set, 2, 0.4).softmax(1),
        ["PatchScores.images"] = _ => Classes(),
        ["ClassifierResidual.input"] = set => Wave(set, 2, 0.2),
        ["ContrastivePredictiveCoding.latents"] = set => Wave(set, 6, 0.3).reshape(Rows, 3, 2),
        ["ContrastivePredictiveCoding.guesses"] = set => Wave(set, 12, 0.6).reshape(Rows, 3, 4),
        ["RotationPrediction.images"] = set => Wave(set, 16, 0.3).reshape(Rows, 1, 4, 4),
        ["EmbarrassinglySimpleZeroShot.targets"] = set => Wave(set, 2, 0.3),
        ["EmbarrassinglySimpleZeroShot.descriptions"] = set => Wave(set, 3, 0.3).narrow(0, 0, 2),
        ["DirectAttributePrediction.attributes"] = set => eye(2, dtype: set.Type),
        ["DirectAttributePrediction.priors"] = set => full(2, 0.5, set.Type),
        ["IndirectAttributePrediction.attributes"] = set => eye(2, dtype: set.Type),
        ["ConvexSemanticCombination.embeddings"] = set => Wave(set, Setting.Width, 0.3).narrow(0, 0, 2),
        ["GeneralizedAccuracy.seen"] = _ => tensor(new[] { true, false }),
        ["TokenCrossEntropy.scores"] = set => Wave(set, 6, 0.3).reshape(Rows, 2, 3),
        ["TokenCrossEntropy.tokens"] = _ => arange(2 * Rows, dtype: int64).remainder(3).reshape(Rows, 2),
        ["LearningWithoutForgetting.recorded"] = set => Wave(set, 2, 0.3),
        ["FeatureMapPenalty.attention"] = set => full(Setting.Width, 1.0 / Setting.Width, set.Type),
        ["CoTuning.relationship"] = set => Wave(set, Setting.Width, 0.3).softmax(1).narrow(0, 0, 2),
        ["BiTuning.memory"] = set => Wave(set, Setting.Width, 0.3).reshape(2, -1, Setting.Width),
        ["BiTuning.anchors"] = set => Wave(set, Setting.Width, 0.8).narrow(0, 0, 2),
        ["HashLayer.input"] = set => Wave(set, Setting.Width, 0.2),
        ["CoTuning.scores"] = set => Wave(set, Setting.Width, 0.5),
        ["StochasticNormalization.mean"] = set => zeros(Setting.Width, set.Type),
        ["StochasticNormalization.variance"] = set => ones(Setting.Width, set.Type),
        ["StochasticNormalization.weight"] = set => ones(Setting.Width, set.Type),
        ["StochasticNormalization.bias"] = set => zeros(Setting.Width, set.Type),
        ["StochasticNormalization.selection"] = set => arange(Setting.Width).remainder(2).to(set.Type),
        ["risks"] = set => Wave(set, 1, 0.3).abs().squeeze(1).narrow(0, 0, 3),
        ["GroupRobustness.weights"] = set => ones(3, set.Type),
        ["MixedCentroidLabels/3.features"] = set => Wave(set, Setting.Width, 0.3).reshape(2, -1, Setting.Width),
        ["MixedCentroidLabels.centroids"] = set =>
            Wave(set, Setting.Width, 0.5).narrow(0, 0, 4).reshape(2, 2, Setting.Width),
        ["MarginalPredictor.domain"] = set => Wave(set, Setting.Width, 0.3)[0],
        ["InstanceBatchNormalization.input"] = set => Wave(set, 32, 0.3).reshape(Rows, 2, 4, 4),
        ["StyleMixing.rows"] = set => Wave(set, Setting.Width, 0.3).reshape(Rows, 2, -1),
        ["StyleMixing.partners"] = _ => Classes(),
        ["StyleMixing.shares"] = set => Ones(set) * 0.5,
        ["SelfRegularization.partners"] = _ => Classes(),
        ["SelfRegularization.further"] = _ => Classes(),
        ["ExampleTransfer.source"] = set => Wave(set, 2, 0.3),
        ["ExampleTransfer.target"] = set => Wave(set, 2, 0.6),
        ["SelectiveAdversary.source"] = set => Wave(set, 2, 0.3),
        ["SelectiveAdversary.target"] = set => Wave(set, 2, 0.6),
        ["sourceShares"] = set => Wave(set, 2, 0.3).softmax(1),
        ["targetShares"] = set => Wave(set, 2, 0.6).softmax(1),
        ["SelectiveAdversary.classes"] = set => full(2, 0.5, set.Type),
        ["similarity"] = set => Wave(set, 1, 0.7).squeeze(1),
        ["known"] = set => Wave(set, 1, 0.7).squeeze(1).sigmoid(),
        ["SeparatedAdversary.source"] = set => Wave(set, 1, 0.3).squeeze(1),
        ["SeparatedAdversary.target"] = set => Wave(set, 1, 0.5).squeeze(1),
        ["TemperatureScaling.errors"] = set => Classes().to(set.Type),
        ["StyleRandomization.partners"] = _ => Classes(),
        ["StyleRandomization.shares"] = set => Ones(set) * 0.5,
        ["ContentRandomization.partners"] = _ => Classes(),
        ["OneVersusAll.scores"] = set => Wave(set, 4, 0.1),
        ["OneVersusAllEntropy.scores"] = set => Wave(set, 4, 0.1),
        ["DomainSplit.domains"] = _ => Classes(),
        ["DomainSplit.groups"] = _ => Classes(),
        ["NeighborhoodReciprocity.rows"] = _ => arange(Rows, dtype: int64),
        ["NeighborhoodReciprocity.memoryClasses"] = set => Wave(set, 2, 0.4).softmax(1),
        ["LocalStructureClustering.rows"] = _ => arange(Rows, dtype: int64),
        ["LocalStructureClustering.memoryClasses"] = set => Wave(set, 2, 0.4).softmax(1),
        ["NeighborhoodClustering.rows"] = _ => arange(Rows, dtype: int64),
        ["judged"] = set => Wave(set, 1, 0.3).squeeze(1),
        ["logs"] = set => Wave(set, 2, 0.1).log_softmax(1),
        ["SourceAdversary.labels"] = set => Wave(set, 2, 0.3).softmax(1),
        ["GradientNormalization.weights"] = set => ones(3, set.Type),
        ["GradientNormalization.lengths"] = set => ones(3, set.Type),
        ["GradientNormalization.losses"] = set => ones(3, set.Type),
        ["GradientNormalization.first"] = set => ones(3, set.Type),
        ["UncertaintyWeighting.losses"] = set => ones(3, set.Type),
        ["UncertaintyWeighting.logVariances"] = set => zeros(3, set.Type),
        ["MatrixExtensions.values"] = set => Wave(set, 1, 0.2),
        ["BinaryCrossEntropy.labels"] = set => nn.functional.one_hot(Classes(), 2).to(set.Type),
        ["MultiLabelMetrics.labels"] = set => nn.functional.one_hot(Classes(), 2).to(set.Type),
        ["RegressionMetrics.predicted"] = set => Wave(set, Setting.Width, 0.3),
        ["GromovWassersteinMap.cost"] = set => Wave(set, Rows, 0.3).abs(),
        ["sourceClasses"] = _ => Classes(),
        ["targetClasses"] = _ => Classes(),
        ["ClusterQuality.clusters"] = _ => Classes(),
        ["RetrievalPrecision.similarities"] = set => Wave(set, Rows, 0.3),
        ["RetrievalPrecision.queryLabels"] = _ => Classes(),
        // No more rows than features.
        ["RepresentationSubspaceDistance.source"] = set => Wave(set, Setting.Width, 0.2).narrow(0, 0, 4),
        ["RepresentationSubspaceDistance.target"] = set => Wave(set, Setting.Width, 0.9).narrow(0, 0, 4),
    };

    public static object? Make(MethodInfo method, ParameterInfo parameter, Setting set) =>
        parameter.ParameterType switch
        {
            var asked when asked == typeof(Tensor) => Named(method, parameter.Name!, set),
            var asked when asked == typeof(IReadOnlyList<Tensor>) && parameter.Name == "weights" =>
                (IReadOnlyList<Tensor>)[Named(method, "weights", set), Named(method, "weights", set)],
            var asked when asked == typeof(IReadOnlyList<Tensor>) => (IReadOnlyList<Tensor>)
                [Named(method, "source", set), Named(method, "target", set)],
            var asked when asked == typeof(IReadOnlyDictionary<string, Tensor>) => new Dictionary<string, Tensor>(
                StringComparer.Ordinal
            )
            {
                ["one"] = Named(method, "source", set),
                ["other"] = Named(method, "scores", set),
            },
            var asked when asked == typeof((Tensor, Tensor)) => (
                Named(method, parameter.Name!, set),
                Named(method, "probabilities", set)
            ),
            var asked
                when asked == typeof(Func<Tensor, Tensor>)
                    && method.DeclaringType == typeof(VirtualAdversarialTraining) => (Func<Tensor, Tensor>)(
                rows => rows.sin()
            ),
            var asked when asked == typeof(Func<Tensor, Tensor>) && method.DeclaringType == typeof(SelfChallenging) =>
                (Func<Tensor, Tensor>)(rows => rows.square().narrow(1, 0, 2)),
            var asked when asked == typeof(Func<Tensor, Tensor>) => (Func<Tensor, Tensor>)(
                rows => rows.square().sum(1)
            ),
            // Episodes of the two classes of these domains.
            _ when method.DeclaringType == typeof(EpisodeAccuracy) && parameter.Name is ("ways" or "shots") => 2,
            _ when method.DeclaringType == typeof(EpisodeAccuracy) && parameter.Name is ("queries" or "episodes") => 3,
            _ when method.DeclaringType == typeof(PaddedColumns) && parameter.Name == "width" => Setting.Width + 2L,
            // Of the two classes of these domains one is unknown.
            _ when method.DeclaringType == typeof(OpenSetAccuracy) && parameter.Name == "known" => 1L,
            var asked when parameter.IsOptional && asked != typeof(FitContext) => parameter.DefaultValue,
            var asked when asked == typeof(double) => 0.5,
            var asked when asked == typeof(long) => 2L,
            var asked when asked == typeof(int) => 2,
            var asked => Makers.Make(asked, set),
        };

    private static Tensor Named(MethodInfo method, string name, Setting set)
    {
        using var scope = NewDisposeScope();
        var type = method.DeclaringType!.Name;
        // What looks at inputs may ask for images.
        var isView = typeof(IAugmentation).IsAssignableFrom(method.DeclaringType) && name == "inputs";
        var made = (
            ByName.GetValueOrDefault(isView ? "images" : "")
            ?? ByName.GetValueOrDefault($"{type}/{method.GetParameters().Length}.{name}")
            ?? ByName.GetValueOrDefault($"{type}.{name}")
            ?? ByName.GetValueOrDefault(name, it => Wave(it, Setting.Width, 0.2))
        )(set);
        return set.Kept(made.contiguous().clone().MoveToOuterDisposeScope());
    }

    private static Tensor Classes() => arange(Rows, dtype: int64).remainder(2);

    private static Tensor Images(Setting set) => (Wave(set, 64, 0.2).reshape(Rows, 1, 8, 8) + 1) / 2;

    private static Tensor Ones(Setting set) => ones(Rows, set.Type);

    private static Tensor Wave(Setting set, long width, double start)
    {
        var k = arange(Rows * width, dtype: float64);
        return set.Moved(((k * 1.3) + start).sin(), k).reshape(Rows, width).to(set.Type);
    }
}
