using TransferLearning.Settings;
using TransferLearning.Tests.Parity;
using static TorchSharp.torch;

namespace TransferLearning.Tests.Settings;

/// <summary>The weights of Group DRO, step by step.</summary>
public sealed class GroupRobustnessParity : IParityAdapter
{
    public IEnumerable<string> Functions => ["group_dro_weights"];

    public ParityResult Compute(ParityInputs inputs)
    {
        var risks = inputs["losses_per_step"];
        var weights = ones(risks.shape[1], float64);
        var all = new List<Tensor>();
        for (var i = 0; i < risks.shape[0]; i++)
        {
            weights = GroupRobustness.Raise(weights, risks[i], inputs.Number("eta"));
            all.Add(weights);
        }
        return new ParityResult().With("normalised_weights_after_each_step", stack(all));
    }
}
