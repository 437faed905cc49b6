using TransferLearning.Consistency;
using TransferLearning.Internal;
using TransferLearning.Objectives;
using TransferLearning.Training;

namespace TransferLearning;

public static partial class Recipes
{
    /// <summary>
    /// CReST+ (Wei et al. 2021), for classes of which few rows are labeled: several generations of FixMatch, each with
    /// the surest readings of the one before as further labeled rows, rare classes first, and with pseudo-labels that
    /// are aligned to ever evener shares.
    /// </summary>
    /// <param name="generations">
    /// The extractor and the predictor of each generation, at least one pair; the last pair goes into the model. The
    /// paper trains six generations, each from fresh parts. The same pair again goes on from its weights.
    /// </param>
    /// <param name="strong">The strong augmentation.</param>
    /// <param name="weak">The weak augmentation, or null for the rows themselves.</param>
    /// <param name="weight">The weight of the unlabeled term over each generation's progress. Default 1.</param>
    /// <param name="threshold">The least confidence at which a row counts. Default 0.95.</param>
    /// <param name="lastExponent">
    /// The exponent of the labels' shares in the last generation, from 0 to 1; the first one's is 1, those between lie
    /// on a line. Default 0.5, the authors'.
    /// </param>
    /// <param name="exponent">The exponent of the rates at which readings are taken. Default 1/3, the authors'.</param>
    public static AdaptationBuilder Crest(
        IReadOnlyList<(IFeatureExtractor Extractor, ILabelPredictor Predictor)> generations,
        IAugmentation strong,
        IAugmentation? weak = null,
        Schedule? weight = null,
        double threshold = 0.95,
        double lastExponent = 0.5,
        double exponent = 1.0 / 3
    )
    {
        ArgumentNullException.ThrowIfNull(generations);
        ArgumentOutOfRangeException.ThrowIfZero(generations.Count, nameof(generations));
        Guard.Within(lastExponent, 0, 1);
        var builder = new AdaptationBuilder();
        for (var i = 0; i < generations.Count; i++)
        {
            if (i > 0)
            {
                builder.Add(new ClassRebalancedSelfTraining { Exponent = exponent });
            }
            var done = generations.Count == 1 ? 0 : (double)i / (generations.Count - 1);
            var term = new ProgressiveAlignment(strong, weak)
            {
                Exponent = 1 - (done * (1 - lastExponent)),
                Threshold = threshold,
            };
            builder.Train(
                generations[i].Extractor,
                generations[i].Predictor,
                net => net.Minimize(new CrossEntropy()).Minimize(term, weight)
            );
        }
        return builder;
    }
}
